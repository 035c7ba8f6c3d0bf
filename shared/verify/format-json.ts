import type { Report } from './report.ts'

/** Files and what they led to, for {@link formatJson}. */
type Reports = readonly { readonly files: readonly string[]; readonly report: Report }[]

/**
 * Reports as one JSON document: `{"format", "reports": [{"paths", …report}]}`, with the same facts as the text. Times
 * are Unix milliseconds, ids and keys base64url.
 */
export function formatJson(reports: Reports): string {
  return [...jsonPieces(reports)].join('')
}

/** The same piece by piece, each case one: as a whole a large report takes several times its length. */
export function* jsonPieces(reports: Reports): Generator<string> {
  yield '{\n  "format": "lockbox-reports/3",\n  "reports": ['
  for (const [at, { files, report }] of reports.entries()) {
    let before = at === 0 ? '\n    {\n' : ',\n    {\n'
    for (const [name, value] of Object.entries<unknown>({ paths: files, ...report })) {
      yield `${before}      ${JSON.stringify(name)}: `
      yield* Array.isArray(value) && value.length > 0 ? listed(value) : [indented(value, 6)]
      before = ',\n'
    }
    yield '\n    }'
  }
  yield reports.length === 0 ? ']\n}\n' : '\n  ]\n}\n'
}

function* listed(items: readonly unknown[]): Generator<string> {
  for (const [at, item] of items.entries()) yield `${at === 0 ? '[' : ','}\n        ${indented(item, 8)}`
  yield '\n      ]'
}

/** In JSON a line break stands nowhere but between its parts. */
const indented = (value: unknown, spaces: number): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(spaces)}`)
