import * as z from '../../../shared/zod.ts'

// The parts of the DevTools protocol that we read, parsed like everything else that arrives.

export const attachedToTarget = z.object({
  sessionId: z.string(),
  targetInfo: z.object({ targetId: z.string(), type: z.string(), url: z.string() }),
  waitingForDebugger: z.boolean(),
})

export const detachedFromTarget = z.object({ sessionId: z.string() })

export const requestPaused = z.object({
  requestId: z.string(),
  request: z.object({ url: z.string(), method: z.string() }),
})

export const contextCreated = z.object({
  context: z.object({
    id: z.int(),
    origin: z.string(),
    auxData: z.object({ isDefault: z.boolean(), frameId: z.string() }).optional(),
  }),
})

export const contextDestroyed = z.object({ executionContextId: z.int() })

export const bindingCalled = z.object({ name: z.string(), payload: z.string(), executionContextId: z.int() })

export const frameNavigated = z.object({
  frame: z.object({ id: z.string(), parentId: z.string().optional(), url: z.string() }),
})

export const dialogOpening = z.object({ type: z.string() })

export const navigated = z.object({ errorText: z.string().optional() })

export const called = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string().optional() }).optional() })
    .optional(),
})

export const printed = z.object({ data: z.base64() })

export const windowForTarget = z.object({ windowId: z.int(), bounds: z.object({ windowState: z.string().optional() }) })
