import { defineConfig } from 'vitest/config'

const conditions = ['nanoagent-source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'test/*.test.ts', 'test/page-*/*.test.ts'],
    // A busy machine makes a test slow, not wrong.
    testTimeout: 30_000,
  },
})
