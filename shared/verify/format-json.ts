import type { Report } from './report.ts'

/**
 * Reports as one JSON document: `{"format", "reports": [{"file", …report}]}`, with the same facts as the text. Times
 * are Unix milliseconds, ids and keys base64url.
 */
export function formatJson(reports: readonly { readonly file: string; readonly report: Report }[]): string {
  const listed = reports.map(({ file, report }) => ({ file, ...report }))
  return `${JSON.stringify({ format: 'lockbox-reports/1', reports: listed }, null, 2)}\n`
}
