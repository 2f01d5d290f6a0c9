import type { Paint } from '../screen/paint.ts'

/** A verdict as people see it. */
export function verdictIn(paint: Paint, verdict: 'PASS' | 'FAIL'): string {
  return verdict === 'PASS' ? paint('green', '✅ PASS') : paint('red', '❌ FAIL')
}
