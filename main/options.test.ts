import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOptions, unusualProfile } from './options.ts'

describe('the command line', () => {
  it('without words means the usual profile, all addresses, and whichever shell there is', () => {
    const options = readOptions([])
    expect(options).toMatchObject({ shell: null, listen: null, discover: true, file: null, help: false })
    expect(unusualProfile(options)).toBeNull()
  })

  it('says where the profile is, what to listen on, and which file to open', () => {
    const words = ['--profile', 'here', '--shell=browser', '--listen=127.0.0.1', '--no-discovery', 'log.bundle']
    const options = readOptions(words)
    expect(options).toEqual({
      profile: resolve('here'),
      shell: 'browser',
      listen: '127.0.0.1',
      discover: false,
      signIn: null,
      trails: null,
      file: resolve('log.bundle'),
      help: false,
    })
    expect(unusualProfile(options)).toBe(resolve('here'))
  })

  it('makes console links at a sandbox of this computer, if told so', () => {
    expect(readOptions(['--aws-sign-in=http://127.0.0.1:4000']).signIn).toBe('http://127.0.0.1:4000')
  })

  it('asks the CloudTrail of a sandbox of this computer, if told so, region by region', () => {
    const words = ['--aws-trail=eu-central-1=http://127.0.0.1:4001', '--aws-trail=us-east-1=http://127.0.0.1:4002']
    expect(readOptions(words).trails).toEqual({
      'eu-central-1': 'http://127.0.0.1:4001',
      'us-east-1': 'http://127.0.0.1:4002',
    })
  })

  it('takes the address of a file as desktops give it', () => {
    expect(readOptions(['file:///tmp/a%20log.bundle']).file).toBe('/tmp/a log.bundle')
  })

  it.each([
    ['a shell that there is none of', ['--shell=vim'], 'there is no shell called vim'],
    ['two files', ['a', 'b'], 'one file can be opened at a time'],
    ['an option of others', ['--remote-debugging-port=1'], '--remote-debugging-port'],
    ['a profile that is nothing', ['--profile='], '--profile was given nothing'],
    ['an address that is nothing', ['--listen', ''], '--listen was given nothing'],
    [
      'a sign-in on another machine',
      ['--aws-sign-in=http://10.0.0.7:80'],
      'expected --aws-sign-in http://127.0.0.1:PORT',
    ],
    ['a sign-in that only looks like this one', ['--aws-sign-in=http://127.0.0.1:80@evil.example'], 'expected --aws'],
    ['a CloudTrail on another machine', ['--aws-trail=eu-central-1=http://10.0.0.7:80'], 'expected --aws-trail'],
    ['a file on another machine', ['file://elsewhere/log.bundle'], 'host'],
  ])('is refused with %s, and told how it goes', (_, words, says) => {
    const read = () => readOptions(words)
    expect(read).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
    expect(read).toThrow(says)
    expect(read).toThrow('--profile DIR')
  })
})
