import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** An IAM that answers whatever it is asked with this, until the test ends: for what the sandbox would never say. */
export async function answering(action: string, result: string): Promise<{ region: string; endpoint: string }> {
  const body = `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result></${action}Response>`
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/xml' }).end(body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` }
}
