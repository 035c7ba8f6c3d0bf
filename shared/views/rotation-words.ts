import type { RotationStand } from './case-views.ts'
import type { RotationHere } from './rotation.ts'

type Step = RotationStand['at']
type Also = RotationStand['also']

/** Where replacing a key stands, what is to be done, and what stands in the way. @param also - see `rotationStand`. */
export function rotationWords(
  here: RotationHere,
  at: Step,
  also: Also,
): Pick<RotationStand, 'says' | 'todo' | 'trouble'> {
  if (here.isRunning)
    return {
      says: also?.key === 'none' && at === 'make' ? besideWords(also) : RUNNING[at],
      todo: here.waits === null ? '' : WAITING[here.waits],
      trouble: here.waits === null ? troubleWords(here, at, also) : '',
    }
  return { says: idleWords(here, at), todo: todoWords(here, also), trouble: '' }
}

function troubleWords({ says }: RotationHere, at: Step, also: Also): string {
  if (says?.is === 'waits') return waitsWords(says, also)
  if (says === null || !('words' in says)) return ''
  const why = 'why' in says ? says.why : null
  if (also !== null && also.key === 'none' && at === 'make')
    return why === 'no-room'
      ? makesWords(also)
      : `${says.words} ${also.person.name}’s device began to replace this key as well.`
  if (also !== null && also.key !== 'none' && why === 'room-taken')
    return `${also.person.name}’s device made the new key, and goes on once enough custodians hold it: ask them to accept their shares. This app waits for that.`
  return says.words
}

const besideWords = ({ person: { name } }: NonNullable<Also>) =>
  `This app and ${name}’s device have both begun to make a new key, and AWS lets one of them.`

// Who cannot be asked must not keep everybody waiting.
function makesWords({ person: { name } }: NonNullable<Also>): string {
  return `${name}’s device began to replace this key as well, and may have made the second of the two keys that AWS lets a user have: let it go on there. If that app was locked by hand or closed since, ${name} begins there once more, and it deletes what it made. If that cannot be, delete in the AWS console the key that no deposit names.`
}

/** A key is off for every case that used it, whichever says so. */
function idleWords({ elsewhere }: RotationHere, at: Step): string {
  if (elsewhere === 'deleted') return 'The key that was used is deleted, as another case says that used it too.'
  if (elsewhere === null || at === 'delete') return IDLE[at]
  return 'The key that was used is switched off, as another case says that used it too, and not deleted yet.'
}

function todoWords({ elsewhere, mayBegin, isBehind }: RotationHere, also: Also): string {
  if (!mayBegin) return isBehind ? BEHIND : ''
  if (also !== null && elsewhere !== 'deleted')
    return `${also.person.name}’s device began to replace it: let it go on there. If that app was locked by hand or closed since, touch your key to go on here.`
  return elsewhere === 'deleted'
    ? 'Touch your key: this app looks whether it is so, and then this case owes it no more.'
    : 'Touch your key to go on.'
}

// Who has the secret can try the new key, and does it without a drill; whether that app is still open no statement says.
function waitsWords(says: object, also: Also): string {
  const why = 'for' in says ? says.for : null
  if (why === 'propagation')
    return 'AWS does not know the new key everywhere yet. That takes some seconds, and is tried again.'
  if (why === 'key' && also?.key === 'ours')
    return `${also.person.name}’s device made the new key, tries it and deletes the old one by itself, and this app waits for that. If that app was locked by hand or closed since, the new key’s secret is only with the custodians: then run a drill of this credential, and the old key is deleted after it.`
  if (why === 'key')
    return 'The new key’s secret is only with the custodians now. Run a drill of this credential: it shows that the new key works, and the old one is deleted after that.'
  return ''
}

const BEHIND = 'This app is replacing a key of the same user for another case. Begin here after that.'

const IDLE: Readonly<Record<Step, string>> = {
  begin: 'The key that was used still works.',
  make: 'It was begun and not finished. The key that was used still works.',
  deposit: 'It was begun and not finished. The key that was used still works.',
  custody: 'A new key waits for its custodians. The key that was used still works.',
  switch: 'A new key is held. The key that was used still works.',
  delete: 'The key that was used is switched off, and not deleted yet.',
}

const RUNNING: Readonly<Record<Step, string>> = {
  begin: 'This app is making a new key at AWS.',
  make: 'This app is making a new key at AWS.',
  deposit: 'The new key works. It is not deposited yet.',
  custody: 'The new key is deposited. The key that was used stays on until enough custodians hold the new one.',
  switch: 'The new key is held. The key that was used is being switched off.',
  delete: 'The key that was used is switched off.',
}

const WAITING: Readonly<Record<NonNullable<RotationHere['waits']>, string>> = {
  deposit: 'Touch your key once more: the new key is dealt to the custodians.',
  custody: 'Ask the custodians to accept their shares.',
  'in-use': 'Another case is about to use the old key. It is switched off after that.',
  shared:
    'Another credential opens the old key too, and would be without one. Deposit another key for that first, of a user of its own: then the old one is switched off.',
  delay: 'It is deleted by itself while this app is unlocked.',
}
