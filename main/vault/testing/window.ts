import { newKeyState, type SoftwareKey, softwareKey } from '../../../e2e/keys/software-key.ts'
import { type Answer, type AskStep, answerSchema, type Step, stepSchema } from '../../../shared/ceremony.ts'
import { ORIGIN } from '../../../shared/statements/assertion.ts'
import type { Vault } from '../types.ts'

/** What the person at the window does: which key is touched for a step, or an answer made by hand. */
export type Touch = (step: AskStep, count: number) => SoftwareKey | Answer

export const newKey = (name: string, algorithm?: number): SoftwareKey =>
  softwareKey(newKeyState(name, algorithm === undefined ? {} : { algorithm }))

/** The window's part: carries a step to a key, and its answer back in the forms of shared/ceremony.ts. */
export function touch(key: SoftwareKey, step: AskStep, origin: string = ORIGIN): Answer {
  try {
    return answerSchema.parse(step.kind === 'create' ? created(key, step, origin) : asserted(key, step, origin))
  } catch (error) {
    if (error instanceof DOMException) return { kind: 'failed', name: error.name }
    throw error
  }
}

function created(key: SoftwareKey, step: Extract<AskStep, { kind: 'create' }>, origin: string) {
  const { clientExtensionResults, ...response } = key.create(step.options, origin)
  const { prf, credProps } = clientExtensionResults
  const results = {
    ...(credProps ? { credProps } : {}),
    ...(prf?.enabled === undefined ? {} : { prf: { enabled: prf.enabled } }),
  }
  return { kind: 'created', response: { ...response, clientExtensionResults: results } }
}

function asserted(key: SoftwareKey, step: Extract<AskStep, { kind: 'get' }>, origin: string) {
  const { clientExtensionResults, ...response } = key.get(step.options, origin)
  const first = clientExtensionResults.prf?.results?.first
  return {
    kind: 'asserted',
    response: { ...response, clientExtensionResults: {} },
    secret: first ? new Uint8Array(first) : null,
  }
}

/** Answers step after step until the ceremony is done or refused; every step must be one that the window accepts. */
export async function play(vault: Pick<Vault, 'answer'>, started: Promise<Step>, how: Touch): Promise<Step> {
  let step = stepSchema.parse(await started)
  for (let count = 1; step.kind === 'create' || step.kind === 'get'; count++) {
    const chosen = how(step, count)
    const answer = 'kind' in chosen ? chosen : touch(chosen, step)
    step = stepSchema.parse(await vault.answer(step.ceremony, answer))
  }
  return step
}

/** Touches the key that the step names; `desk` when any will do. */
export function withKeys(keys: Readonly<Record<string, SoftwareKey>>, otherwise: SoftwareKey): Touch {
  return (step) => (step.key === null ? otherwise : (keys[step.key] ?? otherwise))
}
