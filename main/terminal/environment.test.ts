import { describe, expect, it } from 'vitest'
import { shellEnvironment, shellOf } from './environment.ts'

describe('the environment of a recorded shell', () => {
  it('is the app’s own and the session’s', () => {
    const own = { HOME: '/home/ana', PATH: '/usr/bin', LANG: 'C.UTF-8', DISPLAY: ':0', SSH_AUTH_SOCK: '/run/agent' }
    const session = { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SESSION_TOKEN: 'token' }
    expect(shellEnvironment(own, session, 'linux')).toEqual({ ...own, ...session, TERM: 'xterm-256color' })
    // Nothing of it comes into the app's.
    expect(own).not.toHaveProperty('AWS_SESSION_TOKEN')
  })

  it.each(
    [
      'NODE_OPTIONS NODE_PATH ELECTRON_RUN_AS_NODE ELECTRON_OVERRIDE_DIST_PATH CHROME_LOG_FILE LOCKBOX_ALLOW_ROOT',
      'npm_config_cache LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES APPDIR BASH_ENV ENV PROMPT_COMMAND BASH_FUNC_aws%%',
      'PYTHONSTARTUP TMUX TERM_PROGRAM COLUMNS AWS_PROFILE AWS_ENDPOINT_URL AWS_SECURITY_TOKEN AWS_REGION AWS_CONFIG_FILE',
    ].flatMap((names) => names.split(' ')),
  )('has no %s', (name) => {
    expect(shellEnvironment({ HOME: '/home/ana', [name]: 'x' }, {}, 'linux')).toEqual({
      HOME: '/home/ana',
      TERM: 'xterm-256color',
    })
  })

  it('has none of them on Windows, however they are spelt', () => {
    const own = {
      Path: 'C:\\Windows',
      Aws_Profile: 'other',
      aws_region: 'eu-west-1',
      Node_Options: '-r x',
      AWS_CA_BUNDLE: 'C',
    }
    expect(shellEnvironment(own, {}, 'win32')).toEqual({
      Path: 'C:\\Windows',
      AWS_CA_BUNDLE: 'C',
      TERM: 'xterm-256color',
    })
  })

  it('keeps the certificates by which a company’s proxy is known', () => {
    expect(shellEnvironment({ AWS_CA_BUNDLE: '/etc/ca.pem' }, {}, 'linux')).toMatchObject({
      AWS_CA_BUNDLE: '/etc/ca.pem',
    })
  })
})

describe('the shell of a person', () => {
  it.each([
    [{ SHELL: '/usr/bin/fish' }, 'linux', '/usr/bin/fish', []],
    [{ SHELL: '/bin/zsh' }, 'darwin', '/bin/zsh', ['-l']],
    [{}, 'linux', '/bin/sh', []],
    [{ SHELL: 'evil' }, 'linux', '/bin/sh', []],
    [{ SHELL: '/bin/bash' }, 'win32', 'powershell.exe', ['-NoLogo']],
  ])('with %j on %s is %s %j', (own, platform, file, words) => {
    expect(shellOf(own, platform)).toEqual({ file, words })
  })
})
