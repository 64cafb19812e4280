/** A proxy in front of a server that cuts connections: what a network does, and no server does when it is asked. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /**
   * Cuts the next connections, one entry each, after so many bytes to the server, or from it; the others are let through.
   */
  readonly cuts: { readonly direction: 'to' | 'from'; readonly bytes: number }[]
  stop(): Promise<void>
}

export const startTcpProxy = async (port: number): Promise<TcpProxy> => {
  const cuts: TcpProxy['cuts'] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const cut = cuts.shift()
    const upstream = connect(port, '127.0.0.1')
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    const pass = (from: Socket, to: Socket, bytesMax: number) => {
      let passed = 0
      from.on('data', (data: Buffer) => {
        passed += data.length
        if (passed > bytesMax) end()
        else to.write(data)
      })
    }
    pass(client, upstream, cut?.direction === 'to' ? cut.bytes : Infinity)
    pass(upstream, client, cut?.direction === 'from' ? cut.bytes : Infinity)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cuts,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
