/** A proxy in front of an HTTP server that can answer in its place: as a gateway does whose server is out, or flooded. */
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HttpProxy {
  readonly endpoint: string
  /** Answers every request itself from now on, with this status and body; `isDone`: when the server has done it. */
  answer: { readonly status: number; readonly body: string; readonly isDone?: boolean } | undefined
  /** How many requests it has answered itself. */
  answered: number
  stop(): Promise<void>
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** In front of `http://127.0.0.1:<port>`. */
export const startHttpProxy = async (port: number): Promise<HttpProxy> => {
  const forward = async (message: IncomingMessage) => {
    const body = await bodyOf(message)
    const { method, url, headers } = message
    return new Promise<IncomingMessage>((resolve, reject) =>
      request({ host: '127.0.0.1', port, method, path: url, headers }, resolve).on('error', reject).end(body),
    )
  }
  const server = createServer((message, response) => {
    const { answer } = proxy
    const serve = async (): Promise<void> => {
      const answered = answer === undefined || answer.isDone === true ? await forward(message) : undefined
      const body = answered && (await bodyOf(answered))
      if (answer === undefined) {
        response.writeHead(answered!.statusCode!, answered!.headers)
        response.end(body)
        return
      }
      proxy.answered++
      response.writeHead(answer.status, { 'content-type': 'application/xml' })
      response.end(answer.body)
    }
    serve().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: HttpProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: undefined,
    answered: 0,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}
