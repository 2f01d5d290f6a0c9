import { defineConfig } from 'vitest/config'

// What is published: built, packed and installed, which takes a minute and the registry.
export default defineConfig({
  test: {
    include: ['test/packages/*.test.ts'],
    globalSetup: 'test/packages/pack.ts',
    // They wait for other processes more than they compute.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // A report that is missing is a failure, also outside of CI.
    update: 'none',
  },
})
