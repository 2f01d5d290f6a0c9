import { describe, expect, it } from 'vitest'
import { cleanCause, connectionWords } from './connection-fault.ts'
import { modelErrorOf } from './faults.ts'

const redact = (text: string) => text.replaceAll('sk-1', '[API key]')

const failure = (message: string, code?: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), code === undefined ? {} : { code })

// Such as a machine within reach of the loopback cannot bring about.
describe('a connection that fails', () => {
  it.for([
    { code: 'EAI_AGAIN', says: 'its host name has no address (EAI_AGAIN)' },
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', says: 'TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)' },
    { code: 'CERT_HAS_EXPIRED', says: 'TLS failed (CERT_HAS_EXPIRED)' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', says: 'TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)' },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', says: 'TLS failed' },
    { code: 'ETIMEDOUT', says: 'the connection took too long (ETIMEDOUT)' },
    { code: 'EHOSTUNREACH', says: 'cannot be reached (EHOSTUNREACH)' },
  ])('with $code is told as that', ({ code, says }) => {
    const words = connectionWords(failure('fetch failed', undefined, failure('', code)), redact)

    expect(words).toMatchObject({ code: 'model_unreachable' })
    expect(words.problem).toContain(says)
  })

  it('without a code is told in its own words, without the key', () => {
    const words = connectionWords(failure('fetch failed', undefined, failure('no sk-1')), redact)

    expect(words.problem).toBe('cannot be reached (no [API key])')
  })

  it('because it took too long is unreachable, not a slow answer', () => {
    const cause = failure('fetch failed', undefined, failure('slow', 'UND_ERR_CONNECT_TIMEOUT'))
    const times = { timeoutMs: 60_000, totalMs: 180_000 }
    const context = { endpoint: 'http://h/v1', model: 'm', ...times, redact }

    const error = modelErrorOf({ kind: 'connection', cause }, context)

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toContain('the connection took too long (UND_ERR_CONNECT_TIMEOUT)')
  })

  it('at each address of a host names them all in its cause', () => {
    const each = [failure('connect ::1'), failure('connect 127.0.0.1 sk-1')]
    const cause = failure('fetch failed', undefined, new AggregateError(each, ''))

    expect(cleanCause(cause, redact)).toMatchObject({
      message: 'fetch failed: connect ::1: connect 127.0.0.1 [API key]',
    })
  })
})
