import { tidyLine, wrongLine } from '../ui/tidy.ts'

/** What is typed at the first start. */
export interface SetUpForm {
  readonly person: string
  readonly contact: string
  readonly deviceName: string
  /** What the two keys are called. */
  readonly first: string
  readonly second: string
}

/** Nothing typed yet; the keys have names that anybody understands. */
export const EMPTY: SetUpForm = { person: '', contact: '', deviceName: '', first: 'Main key', second: 'Backup key' }

/** Longest text of each field, UTF-16 units, as the contract has it. */
export const MOST: Readonly<Record<keyof SetUpForm, number>> = {
  person: 64,
  contact: 128,
  deviceName: 64,
  first: 64,
  second: 64,
}

/** The set-up as it goes to main. */
export function requestOf(form: SetUpForm) {
  return {
    person: tidyLine(form.person),
    contact: tidyLine(form.contact),
    deviceName: tidyLine(form.deviceName),
    labels: [tidyLine(form.first), tidyLine(form.second)] as [string, string],
  }
}

/** What is still wrong, by field; no field where nothing is. */
export function wrongs(form: SetUpForm): Partial<Record<keyof SetUpForm, string>> {
  const found: Partial<Record<keyof SetUpForm, string>> = {}
  for (const field of Object.keys(MOST) as (keyof SetUpForm)[]) {
    const wrong = wrongLine(tidyLine(form[field]), MOST[field], field === 'contact' ? 0 : 1)
    if (wrong !== undefined) found[field] = wrong
  }
  if (tidyLine(form.first) === tidyLine(form.second)) found.second = 'The two keys need different names.'
  return found
}
