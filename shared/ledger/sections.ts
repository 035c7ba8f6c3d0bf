import type { Digest } from '../bytes.ts'
import type { Statement } from '../statements/envelope.ts'
import type { Kind } from '../statements/kinds.ts'
import type { BundleEntry, Section, SectionName } from './bundle.ts'

/** What cases stand on; everything a verifier has to know before the first of them. */
const ORGANIZATION: readonly Kind[] = ['plan', 'deposit', 'endorsement', 'custody']
/** Requests are compared with one another, and a withdrawn one with none. */
const REQUESTS: readonly Kind[] = ['request', 'withdrawal']

/** The section of a bundle in which a statement stands. */
export function sectionOf({ kind, payload }: Pick<Statement, 'kind' | 'payload'>): SectionName {
  if (kind === 'roster') return { section: 'rosters' }
  if (ORGANIZATION.includes(kind)) return { section: 'organization' }
  if (REQUESTS.includes(kind)) return { section: 'requests' }
  return 'request' in payload ? { case: payload.request } : { section: 'others' }
}

/** Whether two names are of one section. */
export function isSection(one: SectionName, other: SectionName): boolean {
  if ('case' in one) return 'case' in other && one.case === other.case
  return 'section' in other && one.section === other.section
}

/** Sorts entries into the sections of a bundle, in its order. */
export function sectionsOf(entries: Iterable<BundleEntry & { readonly section: SectionName }>): Section[] {
  const sections = new Map<string, { name: SectionName; entries: BundleEntry[] }>()
  for (const { section: name, ...entry } of entries) {
    const key = keyOf(name)
    const section = sections.get(key) ?? { name, entries: [] }
    if (section.entries.length === 0) sections.set(key, section)
    section.entries.push(entry)
  }
  return [...sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { name, entries }]) => ({ name, entries: entries.sort((a, b) => a.at - b.at) }))
}

const ORDER = ['rosters', 'organization', 'requests', 'others'] as const

/** A text by which sections sort into the order of the file: the cases, by their request's id, before the others. */
function keyOf(name: SectionName): string | Digest {
  if ('case' in name) return `3 ${name.case}`
  return name.section === 'others' ? '4' : String(ORDER.indexOf(name.section))
}
