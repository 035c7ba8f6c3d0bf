import { describe, expect, it } from 'vitest'
import { contract } from '../../shared/ipc.ts'
import { EMPTY, MOST, requestOf, type SetUpForm, wrongs } from './set-up-form.ts'

const filled: SetUpForm = { ...EMPTY, person: 'Ana Costa', deviceName: 'Ana’s laptop' }
const passes = (form: SetUpForm) => contract.vault.setUp.request.safeParse(requestOf(form)).success

describe('the first start', () => {
  it('wants a name for the person and for the device; a way to reach them may stay out', () => {
    expect(wrongs(EMPTY)).toEqual({ person: 'This is needed.', deviceName: 'This is needed.' })
    expect(wrongs(filled)).toEqual({})
    expect(passes(filled)).toBe(true)
  })

  it('wants the keys told apart, however they are typed', () => {
    expect(wrongs({ ...filled, second: ' Main key ' })).toEqual({ second: 'The two keys need different names.' })
  })

  it.each(Object.entries(MOST))(
    'lets %s be as long as the contract does, %i characters, and no longer',
    (field, most) => {
      const [fits, long] = [most, most + 1].map((length) => ({ ...filled, [field]: 'x'.repeat(length) }))
      expect([wrongs(fits as SetUpForm), passes(fits as SetUpForm)]).toEqual([{}, true])
      expect(Object.keys(wrongs(long as SetUpForm))).toEqual([field])
      expect(passes(long as SetUpForm)).toBe(false)
    },
  )
})
