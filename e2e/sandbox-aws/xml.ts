import type { AwsError } from './errors.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** An element's content: text, or child elements in order; undefined ones are left out. */
export type Xml = string | { readonly [element: string]: Xml | undefined }

/** The answer of an action as the query protocol spells it. */
export function resultXml(action: string, result: Xml, requestId: string): string {
  const body = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } }
  return `<${action}Response xmlns="${NAMESPACE}">${render(body)}</${action}Response>`
}

/** An error as the query protocol spells it. */
export function errorXml(error: AwsError, requestId: string): string {
  const fault = { Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message }
  return `<ErrorResponse xmlns="${NAMESPACE}">${render({ Error: fault, RequestId: requestId })}</ErrorResponse>`
}

function render(xml: Xml): string {
  if (typeof xml === 'string') return escaped(xml)
  return Object.entries(xml)
    .map(([element, content]) => (content === undefined ? '' : `<${element}>${render(content)}</${element}>`))
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
