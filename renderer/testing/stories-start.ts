import { LockboxError } from '../../shared/errors.ts'
import { enrolStep, refusedStep, touchStep } from './answers.ts'
import { askedCase, grantedCase } from './cases.ts'
import { closedSnapshot, readingSnapshot } from './snapshots.ts'
import { atDesk, pressing, type Story } from './story.ts'

const inElectronOnLinux = { shell: 'electron', browserModeCommand: 'npm start -- --shell=browser' } as const

/** Before the vault is open: the first start, the lock, and a vault that cannot be opened. */
export const startStories: Readonly<Record<string, Story>> = {
  'setup-start': { snapshot: () => closedSnapshot('none') },
  'setup-missing': { snapshot: () => closedSnapshot('none'), after: pressing('Enrol both keys') },
  'setup-cannot-ask-pin': { snapshot: () => ({ ...closedSnapshot('none'), ...inElectronOnLinux }) },
  'setup-touch': {
    snapshot: () => closedSnapshot('none'),
    after: atDesk((it) => it.run(Promise.resolve(enrolStep as never), { doing: 'enrol it', draft: null })),
  },
  'setup-refused': {
    snapshot: () => closedSnapshot('none'),
    after: atDesk((it) => it.run(Promise.resolve(refusedStep as never), { doing: 'enrol it', draft: null })),
  },
  'unlock-idle': { snapshot: () => closedSnapshot('locked', { waiting: 2, lockedBecause: 'idle' }) },
  'unlock-holds-share': {
    snapshot: () =>
      closedSnapshot('locked', {
        lockedBecause: 'idle',
        shareUntil: Date.now() + 48 * 60_000,
        mail: { hears: true, failure: null, count: 2, urgentSince: null },
      }),
  },
  'unlock-hears': {
    snapshot: () =>
      closedSnapshot('locked', {
        lockedBecause: 'idle',
        mail: { hears: true, failure: null, count: 3, urgentSince: null },
      }),
  },
  'unlock-request-waits': {
    snapshot: () =>
      closedSnapshot('locked', {
        lockedBecause: 'idle',
        mail: { hears: true, failure: null, count: 1, urgentSince: Date.now() - 120_000 },
      }),
  },
  'unlock-hears-nothing': {
    snapshot: () =>
      closedSnapshot('locked', {
        lockedBecause: 'start',
        mail: {
          hears: false,
          failure: 'this computer does not let the app listen (EACCES)',
          count: 0,
          urgentSince: null,
        },
      }),
  },
  'unlock-still-reading': { snapshot: () => readingSnapshot([askedCase(Date.now()), grantedCase(Date.now())]) },
  'unlock-by-hand': { snapshot: () => closedSnapshot('locked', { lockedBecause: 'button' }) },
  'unlock-cannot-ask-pin': { snapshot: () => ({ ...closedSnapshot('locked'), ...inElectronOnLinux }) },
  'unlock-touch': {
    snapshot: () => closedSnapshot('locked', { lockedBecause: 'start' }),
    after: atDesk((it) =>
      it.run(Promise.resolve(touchStep('unlock') as never), { doing: 'unlock Lockbox', draft: null }),
    ),
  },
  'unlock-other-key': {
    snapshot: () => closedSnapshot('locked', { lockedBecause: 'start' }),
    after: (app) => {
      void app.desk.run(Promise.resolve(touchStep('unlock') as never), { doing: 'unlock Lockbox', draft: null })
      pressing('Use my other key')()
    },
  },
  'unlock-working': {
    snapshot: () => closedSnapshot('locked'),
    after: atDesk((it) => it.run(new Promise(() => undefined), { doing: 'unlock Lockbox', draft: null })),
  },
  'unlock-broken': {
    snapshot: () => closedSnapshot('locked'),
    after: atDesk((it) =>
      it.run(Promise.reject(new LockboxError('disk-failed', 'the disk failed (EIO)')), {
        doing: 'unlock Lockbox',
        draft: null,
      }),
    ),
  },
  'unlock-notice': {
    snapshot: () =>
      closedSnapshot('locked', {
        notices: [
          {
            code: 'counter-drop',
            message: 'The counter of “blue key” went back. It may have been copied; use “safe” and tell your admins.',
          },
        ],
      }),
  },
  damaged: { snapshot: () => closedSnapshot('damaged') },
  'damaged-newer': {
    snapshot: () =>
      closedSnapshot('damaged', {
        trouble: {
          code: 'newer-version',
          detail: 'the vault file has version 2 of its format; this Lockbox knows version 1',
        },
      }),
  },
}
