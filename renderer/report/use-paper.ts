import { useEffect } from 'react'
import { fullUtc } from '../ui/time-words.ts'

const FOOT = '--paper-foot'

/**
 * Gives the printed page its title and its foot while a report is shown. Both are made of an id and a time alone: texts
 * that people wrote do not belong into styles.
 */
export function usePaper(id: string, madeAt: number): void {
  useEffect(() => {
    const before = document.title
    document.title = `Lockbox case report ${id.slice(0, 8)}`
    // Characters of base64url, digits and words of ours: nothing that could end the string.
    document.documentElement.style.setProperty(FOOT, `"Case ${id.slice(0, 16)} · made ${fullUtc(madeAt)}"`)
    return () => {
      document.title = before
      document.documentElement.style.removeProperty(FOOT)
    }
  }, [id, madeAt])
}
