import type { Gap } from '../statements/chain.ts'

/** What was kept of a device, as far as words need it. */
export type EvidenceSubject =
  | { readonly about: 'fork' }
  | { readonly about: 'refused'; readonly code: 'shrunk' | 'bad-proof'; readonly sizes: readonly [number, number] }
  | { readonly about: 'equivocation'; readonly number: number }
  | { readonly about: 'gap'; readonly gaps: readonly Gap[] }

/** What happened, what it means, what to do. */
export interface EvidenceWords {
  readonly what: string
  readonly means: string
  readonly todo: string
}

/** What speaks against a device's log or chain, for people. @param name - the owner's. */
export function evidenceWords(subject: EvidenceSubject, name: string): EvidenceWords {
  switch (subject.about) {
    case 'fork':
      return {
        what: `${name}’s device showed two different histories`,
        means:
          'It signed two logs that contradict each other: its log was changed, its disk was put back to an older state, or two copies of it are running. Both signatures are kept here as proof and go into every export. It is not confirmed any more.',
        todo: `Speak to ${name} before you rely on what that device says, and tell an auditor.`,
      }
    case 'refused':
      return refusedWords(subject, name)
    case 'equivocation':
      return {
        what: `${name}’s device has signed two different histories`,
        means: `Its statement number ${subject.number} is there twice, or does not follow the one before it. Its folder was put back from a backup, or two copies of it are running. What it signs may be contradicted later.`,
        todo: `Ask ${name} to close it, and an admin to give it a place anew.`,
      }
    case 'gap':
      return {
        what: `Of what ${name}’s device signed, something is not here`,
        means: `Missing: ${subject.gaps.map(gapWords).join(', ')} of its statements. They may be on their way; if they never come, somebody holds them back.`,
        todo: `Let this device meet ${name}’s, or take in a file of statements from it.`,
      }
  }
}

function refusedWords({ code, sizes }: Extract<EvidenceSubject, { about: 'refused' }>, name: string): EvidenceWords {
  const [last, next] = sizes
  const todo = `Ask ${name} whether the disk was put back or the folder copied; if so, an admin gives that device a place anew.`
  const alone =
    'It was not confirmed. To others this proves nothing by itself: the older log may have come from a backup.'
  if (code === 'shrunk')
    return {
      what: `${name}’s device showed an older log than before`,
      means: `It showed ${entries(next)}, and others had seen ${entries(last)} of it. ${alone}`,
      todo,
    }
  return {
    what: `${name}’s device did not show that its log only grew`,
    means: `Its log of ${entries(next)} is not shown to go on from the ${entries(last)} that others had seen. It was not confirmed. To others this proves nothing by itself; together with an export of that device it may.`,
    todo,
  }
}

/** "number 4", "numbers 4 to 6". */
function gapWords({ from, to }: Gap): string {
  return from === to ? `number ${from}` : `numbers ${from} to ${to}`
}

function entries(count: number): string {
  return count === 1 ? 'one entry' : `${count} entries`
}
