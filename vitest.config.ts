import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^gameledger$/, replacement: source('./src/index.ts') },
      { find: /^gameledger\/testing$/, replacement: source('./src/testing.ts') },
      { find: /^gameledger\/s3$/, replacement: source('./src/s3.ts') },
      { find: /^gameledger\/postgres$/, replacement: source('./src/postgres.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
