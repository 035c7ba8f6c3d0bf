/// <reference types="vite/client" />

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string }
}

// The window's policy of Trusted Types allows this one, once a document. The entry loads this file before all else, so that
// nobody can take the name, and the one that has it gives one address, whatever it is asked for.
let address = ''
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
const rules = { createScriptURL: () => address }
const policy = trustedTypes?.createPolicy('lockbox-worker', rules) ?? rules

/** The address of the worker that searches pictures for codes, as `Worker` takes it. */
export async function workerAddress(): Promise<string> {
  const worker = await import('./reader-worker.ts?worker&url')
  address = worker.default
  return policy.createScriptURL(address)
}
