import type { BrokerForm } from '../../shared/carriers/broker.ts'
import { type Address, formatAddress, parseAddress } from '../exchange/addresses.ts'
import { parseCas } from '../outlets/transports/trust.ts'
import { BrokerError } from './failure.ts'

/** Where a broker is, and whether it is spoken to without TLS. */
export interface Where {
  readonly address: Address
  readonly isPlain: boolean
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

/**
 * A broker as it is kept: its address and its certificate read once.
 *
 * @throws {BrokerError} `bad-broker`, `bad-credentials`; {@link OutletError} `bad-certificate`.
 */
export function checkBroker({ url, ca, credentials }: BrokerForm): BrokerForm {
  const { address, isPlain } = whereIs(url)
  if (credentials.as === 'file' && !/BEGIN NATS USER JWT[\s\S]*BEGIN USER NKEY SEED/.test(credentials.text))
    throw new BrokerError('bad-credentials', 'expected the text of a NATS credentials file, with its JWT and its seed')
  return {
    url: `${isPlain ? 'nats' : 'tls'}://${formatAddress(address)}`,
    ca: ca === null || isPlain ? null : parseCas(ca),
    credentials,
  }
}

/** @throws {BrokerError} `bad-broker`. */
export function whereIs(url: string): Where {
  const [, scheme = 'tls', rest = ''] = /^(?:(tls|nats):\/\/)?([^/@]+)\/?$/i.exec(url.trim()) ?? []
  try {
    const address = parseAddress(/:\d+$/.test(rest) ? rest : `${rest}:4222`)
    const isPlain = scheme.toLowerCase() === 'nats'
    if (isPlain && !LOOPBACK.test(address.host)) throw new TypeError('plain NATS beyond this computer')
    return { address, isPlain }
  } catch (cause) {
    throw new BrokerError(
      'bad-broker',
      'expected a broker as tls://host:4222; nats:// is for 127.0.0.1 and localhost alone',
      { cause },
    )
  }
}
