import type { AwsError } from './errors.ts'

/** An element's content: text, child elements in order (undefined ones are left out), or a list of `member`s. */
export type Xml = string | readonly Xml[] | { readonly [element: string]: Xml | undefined }

/** The answer of an action as the query protocol spells it. */
export function resultXml(namespace: string, action: string, result: Xml, requestId: string): string {
  const body = { ...(result === '' ? {} : { [`${action}Result`]: result }), ResponseMetadata: { RequestId: requestId } }
  return `<${action}Response xmlns="${namespace}">${render(body)}</${action}Response>`
}

/** An error as the query protocol spells it. */
export function errorXml(namespace: string, error: AwsError, requestId: string): string {
  const fault = { Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message }
  return `<ErrorResponse xmlns="${namespace}">${render({ Error: fault, RequestId: requestId })}</ErrorResponse>`
}

function render(xml: Xml): string {
  if (typeof xml === 'string') return escaped(xml)
  if (isList(xml)) return xml.map((member) => `<member>${render(member)}</member>`).join('')
  return Object.entries(xml)
    .map(([element, content]) => (content === undefined ? '' : `<${element}>${render(content)}</${element}>`))
    .join('')
}

function isList(xml: Xml): xml is readonly Xml[] {
  return Array.isArray(xml)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
