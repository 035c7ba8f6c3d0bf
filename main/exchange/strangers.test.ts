import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { PublicKey, X509CertificateGenerator } from '@peculiar/x509'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCredentials } from './certificate.ts'
import { encodeMessage } from './messages.ts'
import { join, rawPeer, reasons, startApp, startTeam, until } from './testing/apps.ts'
import { helloFrame } from './testing/hello.ts'
import { idOf, type Person, person } from './testing/people.ts'
import { admit, TLS_OPTIONS } from './tls.ts'

const pushed = encodeMessage({ type: 'statement', id: idOf('news'), envelope: Buffer.from('news') })
// Not by name: "localhost" may first be an address where nobody listens, and a second try loses the session event.
const HOST = '127.0.0.1'
const portOf = (address: string) => Number(address.split(':').at(-1))

describe('a stranger', () => {
  it('with a key that no roster names gets nothing, and nothing of it is read', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    alice.store.add('a secret of the organization')
    const mallory = await rawPeer(alice, person('mallory'))
    mallory.socket.write(Buffer.concat([helloFrame(), pushed]))
    await mallory.closed
    expect([alice.store.calls, mallory.received().length, alice.lan.strangers]).toEqual([[], 0, 1])
    expect(alice.events).toEqual([expect.objectContaining({ event: 'refused', reason: 'unknown-key', peer: null })])
  })

  it('is who shows a member’s key that is not written as Lockbox writes it', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const { key } = await makeCredentials(bob.person.tlsPrivateKey, bob.person.peer.tls)
    const peer = await rawPeer(alice, null, { credentials: { key, cert: await compressedCertificateOf(bob.person) } })
    peer.socket.write(Buffer.concat([helloFrame(), pushed]))
    await peer.closed
    expect([alice.store.calls, peer.received().length, reasons(alice, 'refused')]).toEqual([[], 0, ['no-certificate']])
  })

  it('without a certificate gets nothing, and nothing of it is read', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const nobody = await rawPeer(alice, null)
    nobody.socket.write(Buffer.concat([helloFrame(), pushed]))
    await nobody.closed
    expect([alice.store.calls, nobody.received().length, reasons(alice, 'refused')]).toEqual([
      [],
      0,
      ['no-certificate'],
    ])
  })

  it('with an older TLS is refused by the handshake', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const credentials = await makeCredentials(bob.person.tlsPrivateKey, bob.person.peer.tls)
    const socket = connect({
      ...TLS_OPTIONS,
      ...credentials,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      host: HOST,
      port: portOf(alice.address),
    })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    await until(() => reasons(alice, 'refused').length === 1)
    expect(reasons(alice, 'refused')).toEqual(['handshake-failed'])
  })

  it('that speaks no TLS is refused by the handshake', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const socket = connectPlain(portOf(alice.address), HOST)
    socket.on('error', () => socket.destroy())
    socket.write('GET / HTTP/1.0\r\n\r\n')
    await once(socket, 'close')
    await until(() => reasons(alice, 'refused').length === 1)
    expect(reasons(alice, 'refused')).toEqual(['handshake-failed'])
  })

  it('that connects and says nothing is put out after a while', async () => {
    const { alice } = (await startTeam(['alice'], { limits: { handshakeMs: 50 } })).apps
    const socket = connectPlain(portOf(alice.address), HOST)
    await once(socket, 'close')
    expect(reasons(alice, 'refused')).toEqual(['handshake-timeout'])
  })

  it('that connects and goes without a word is told of', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const socket = connectPlain(portOf(alice.address), HOST)
    socket.end()
    socket.resume()
    await once(socket, 'close')
    await until(() => reasons(alice, 'refused').length === 1)
    expect(reasons(alice, 'refused')).toEqual(['handshake-failed'])
  })

  it('cannot have more than a few handshakes at once, which does not keep peers out for long', async () => {
    const limits = { handshakesPerAddress: 4, handshakeMs: 300 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    const idle = Array.from({ length: 10 }, () => connectPlain(portOf(alice.address), HOST))
    onTestFinished(() => idle.forEach((socket) => socket.destroy()))
    for (const socket of idle) socket.on('error', () => socket.destroy())
    await until(() => reasons(alice, 'refused').filter((reason) => reason === 'too-many-connections').length === 6)
    await join(bob, alice)
    expect(reasons(alice, 'refused').filter((reason) => reason === 'handshake-timeout')).toHaveLength(4)
  })

  it('that begins many handshakes and finishes none keeps nobody out, from however many addresses it comes', async () => {
    const limits = { handshakes: 6, handshakesPerAddress: 3, handshakeMs: 60_000, connectionsBurst: 1000 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    const idle = Array.from({ length: 8 }, (_, at) =>
      connectPlain({ port: portOf(alice.address), host: HOST, localAddress: `127.0.0.${2 + (at % 4)}` }),
    )
    onTestFinished(() => idle.forEach((socket) => socket.destroy()))
    for (const socket of idle) socket.on('error', () => socket.destroy())
    await until(() => reasons(alice, 'refused').length === 2)
    await join(bob, alice)
    // Seven at most are held with the peer's own, and none of the strangers' was over before its time but the oldest.
    expect(reasons(alice, 'refused')).toEqual(['too-many-connections', 'too-many-connections', 'too-many-connections'])
    expect(idle.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(6)
  })

  it('cannot connect more often than so many times a second', async () => {
    const limits = { connectionsBurst: 3, connectionsPerSecond: 0.001 }
    const { alice } = (await startTeam(['alice'], { limits })).apps
    const mallory = person('mallory')
    for (let times = 0; times < 3; times++) await (await rawPeer(alice, mallory)).closed
    const socket = connectPlain(portOf(alice.address), HOST)
    socket.on('error', () => socket.destroy())
    await once(socket, 'close')
    expect(reasons(alice, 'refused')).toEqual(['unknown-key', 'unknown-key', 'unknown-key', 'too-many-connections'])
  })

  it('cannot have more handshakes than so many by dialing from ever more addresses, which keeps out nobody who was let in before', async () => {
    const limits = { strangersBurst: 4, strangersPerSecond: 0.001, newcomersBurst: 0 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    await join(bob, alice)
    for (let at = 2; at < 8; at++) {
      const socket = connectPlain({ port: portOf(alice.address), host: HOST, localAddress: `127.0.0.${at}` })
      socket.on('error', () => socket.destroy())
      socket.write('GET / HTTP/1.0\r\n\r\n')
      await once(socket, 'close')
    }
    await until(() => reasons(alice, 'refused').length === 6)
    const [met, passedOver] = [Array<string>(3).fill('handshake-failed'), Array<string>(3).fill('too-many-connections')]
    expect(reasons(alice, 'refused')).toEqual([...met, ...passedOver])
    const known = await rawPeer(alice, bob.person, { hello: true })
    await until(() => known.received().length > 0)
    expect(reasons(alice, 'refused')).toHaveLength(6)
    // Its own app would dial again from there.
    await bob.lan.stop()
    // From there comes a stranger as well: then the next one is as any other.
    await (await rawPeer(alice, person('mallory'))).closed
    const next = connectPlain(portOf(alice.address), HOST)
    next.on('error', () => next.destroy())
    await once(next, 'close')
    expect(reasons(alice, 'refused').slice(6)).toEqual(['unknown-key', 'too-many-connections'])
  })

  it('who dials again and again from several addresses keeps out nobody who comes from another one', async () => {
    const limits = { strangersBurst: 4, strangersPerSecond: 0.001, newcomersBurst: 2, newcomersPerSecond: 0.001 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    await bob.lan.stop()
    for (let at = 0; at < 8; at++) {
      const socket = connectPlain({ port: portOf(alice.address), host: HOST, localAddress: `127.0.0.${2 + (at % 4)}` })
      socket.on('error', () => socket.destroy())
      socket.write('GET / HTTP/1.0\r\n\r\n')
      await once(socket, 'close')
    }
    await until(() => reasons(alice, 'refused').length === 8)
    const peer = await rawPeer(alice, bob.person, { hello: true, from: '127.0.0.9' })
    await until(() => peer.received().length > 0)
    expect(reasons(alice, 'refused').filter((reason) => reason === 'too-many-connections')).toHaveLength(4)
  })

  it('cannot fill the log: what is too much is only counted', async () => {
    const limits = { connectionsBurst: 1000 }
    // No time passes: with each second of a busy machine one more may be told.
    const host = { monotonic: () => 0 }
    const { alice } = (await startTeam(['alice'], { limits, host })).apps
    const mallory = person('mallory')
    for (let times = 0; times < 60; times++) await (await rawPeer(alice, mallory)).closed
    await until(() => alice.lan.strangers === 60)
    expect(alice.events).toHaveLength(32)
  })
})

describe('an app', () => {
  it('tells a copy of itself, which has the same keys, from itself', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const copy = await startApp(alice.person, () => [alice.person.peer])
    copy.lan.addAddress(alice.address)
    await until(() => reasons(copy, 'refused').includes('twin') && reasons(alice, 'refused').includes('twin'))
    expect([alice.lan.peersState(), copy.lan.peersState()]).toEqual([[], []])
    expect([...alice.store.calls, ...copy.store.calls]).toEqual([])
  })

  it('refuses itself', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    alice.lan.addAddress(alice.address)
    await until(() => reasons(alice, 'refused').includes('own-key'))
    expect(alice.lan.peersState()).toEqual([])
  })

  it('refuses a stranger that it dialed, and sends it nothing', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const mallory = await listen(person('mallory'))
    let received = 0
    const closed = new Promise((resolve) => {
      // Our app may be gone before the handshake is over at the other end.
      mallory.server.once('tlsClientError', resolve)
      mallory.server.once('secureConnection', (socket: TLSSocket) => {
        socket.on('data', (chunk: Buffer) => (received += chunk.length))
        socket.on('error', () => socket.destroy())
        socket.once('close', resolve)
        socket.write(Buffer.concat([helloFrame(), pushed]))
      })
    })
    alice.lan.addAddress(mallory.address)
    await closed
    await until(() => reasons(alice, 'refused').length === 1)
    expect([received, alice.store.calls, reasons(alice, 'refused')]).toEqual([0, [], ['unknown-key']])
  })

  it('never resumes a session: every connection shows its key', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const credentials = await makeCredentials(bob.person.tlsPrivateKey, bob.person.peer.tls)
    const again = (session?: Buffer) =>
      connect({
        ...TLS_OPTIONS,
        ...credentials,
        host: HOST,
        port: portOf(alice.address),
        servername: '',
        ...(session && { session }),
      })
    const first = again()
    const [session] = (await once(first, 'session')) as [Buffer]
    first.destroy()
    const second = again(session)
    await once(second, 'secureConnect')
    expect(second.isSessionReused()).toBe(false)
    second.destroy()
  })

  it('refuses a session that was resumed, should TLS ever allow one', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    // As our own, but for tickets: so a session can be resumed here.
    const { server, address } = await listen(alice, 0)
    const credentials = await makeCredentials(bob.tlsPrivateKey, bob.peer.tls)
    const identity = {
      device: alice.peer.device,
      tlsPublic: alice.peer.tls,
      peers: () => [alice.peer, bob.peer],
      mailKeyOf: () => null,
    }
    const verdicts: string[] = []
    server.on('secureConnection', (socket: TLSSocket) => {
      const admission = admit(socket, identity, new Uint8Array(), { how: 'incoming' })
      verdicts.push(admission.peer === null ? admission.reason : admission.peer.name)
      socket.on('error', () => socket.destroy())
      socket.end('x')
    })
    const dialer = (session?: Buffer) =>
      connect({
        ...TLS_OPTIONS,
        secureOptions: 0,
        ...credentials,
        host: HOST,
        port: portOf(address),
        ...(session && { session }),
      })
    const first = dialer()
    const [session] = (await once(first, 'session')) as [Buffer]
    first.destroy()
    const second = dialer(session)
    await once(second, 'secureConnect')
    expect(second.isSessionReused()).toBe(true)
    await until(() => verdicts.length === 2)
    expect(verdicts).toEqual(['bob', 'resumed'])
    second.destroy()
  })
})

/** Somebody's TLS server that is not ours. */
async function listen(
  who: { tlsPrivateKey: Uint8Array; peer: { tls: string } },
  secureOptions: number = TLS_OPTIONS.secureOptions,
): Promise<{ server: Server; address: string }> {
  const credentials = await makeCredentials(who.tlsPrivateKey, who.peer.tls)
  const server = createServer({ ...TLS_OPTIONS, secureOptions, ...credentials })
  server.listen(0, HOST)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return { server, address: `${HOST}:${typeof address === 'object' ? address?.port : 0}` }
}

/** A certificate of somebody's key with its point compressed (SEC 1 §2.3.3), as we never write one. */
async function compressedCertificateOf({ peer, tlsPrivateKey }: Person): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const point = Buffer.from(peer.tls, 'base64url')
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  const spki = Buffer.concat([head, Buffer.of(2 + ((point[64] ?? 0) & 1)), point.subarray(1, 33)])
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=lockbox',
    issuer: 'CN=lockbox',
    serialNumber: '01',
    notBefore: new Date(Date.UTC(2000, 0)),
    notAfter: new Date(Date.UTC(9999, 0)),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signingKey: await webcrypto.subtle.importKey('pkcs8', Uint8Array.from(tlsPrivateKey), algorithm, false, ['sign']),
    publicKey: new PublicKey(Uint8Array.from(spki)),
  })
  return certificate.toString('pem')
}
