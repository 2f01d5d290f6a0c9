import { expect, test, vi } from 'vitest'
import { systemRuntime } from './runtime.ts'

test('ids are told apart, and those of one moment begin alike', () => {
  vi.setSystemTime(36 ** 4 + 35)
  try {
    const ids = Array.from({ length: 1_000 }, () => systemRuntime.newId())
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^000z[\w-]{17}$/)
  } finally {
    vi.useRealTimers()
  }
})
