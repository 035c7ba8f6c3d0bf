/** What happened, what it means for the incident, what to do now. */
export interface ErrorWords {
  readonly what: string
  readonly means: string
  readonly todo: string
}

/** One error's words. */
export const say = (what: string, means: string, todo: string): ErrorWords => ({ what, means, todo })

// What several areas say.

export const NOTHING_CHANGED = 'Nothing was changed or sent.'
export const FILE = say(
  'This file is not what Lockbox expected here.',
  NOTHING_CHANGED,
  'Pick the file again, or ask whoever gave it to you to write it anew.',
)
export const OWN_FAULT = say(
  'Something went wrong inside Lockbox.',
  'What you asked for did not happen. The case and the vault are as before.',
  'Try once more. If it happens again, use another device and tell your admins.',
)
export const START = say(
  'Lockbox could not start as it should.',
  'This device cannot take part until that is solved.',
  'Correct what is named, or use another device.',
)
