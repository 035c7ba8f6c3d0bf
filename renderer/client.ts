import { type Contract, contract } from '../shared/ipc.ts'
import { connect, type WindowClient, type WindowTransport } from '../shared/wire.ts'

/** The typed calls and events of the contract. */
export type Client = WindowClient<Contract>

declare global {
  /** Given by the shell before the bundle runs: texts out, texts in. */
  var lockbox: WindowTransport | undefined
}

/**
 * The window's end of the contract.
 *
 * @throws {TypeError} if the page was opened outside of a Lockbox shell.
 */
export function connectClient(transport: WindowTransport | undefined): Client {
  if (transport === undefined) throw new TypeError('this page works inside Lockbox only')
  return connect(contract, transport)
}
