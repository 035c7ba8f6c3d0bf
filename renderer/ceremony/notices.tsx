import type { Notice } from '../../shared/ceremony.ts'
import { Note } from '../ui/note.tsx'

/** What people should know although a ceremony went on. */
export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  return notices.map(({ code, message }) => <Note key={`${code}${message}`} level="attention" what={message} />)
}
