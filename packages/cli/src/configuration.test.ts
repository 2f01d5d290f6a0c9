import { describe, expect, it } from 'vitest'
import { configure, configureLive } from './configuration.ts'
import { UsageError } from './errors.ts'

const key = { NANOAGENT_API_KEY: 'sk-nano' }

describe('configure', () => {
  it('takes OpenAI and the default model where only a key is set', async () => {
    expect(await configure({}, key)).toEqual({
      mode: 'live',
      model: 'gpt-4.1-mini',
      apiKey: 'sk-nano',
      sources: { apiKey: 'NANOAGENT_API_KEY', baseUrl: 'the default', model: 'the default' },
    })
  })

  it('knows which option or variable gave what, and which of them are in .env', async () => {
    const env = { ...key, OPENAI_API_BASE: 'http://1/v1', NANOAGENT_MODEL: 'm' }
    const fromFile = new Set(['NANOAGENT_API_KEY', 'NANOAGENT_MODEL'])

    expect(await configure({ model: 'n' }, env, { fromFile })).toMatchObject({
      sources: {
        ...{ apiKey: 'NANOAGENT_API_KEY in .env', baseUrl: 'OPENAI_API_BASE', model: '--model' },
      },
    })
  })

  it('offers no mock mode to a command that has none', async () => {
    await expect(configureLive({}, {})).rejects.toThrow(
      'no API key is configured: set NANOAGENT_API_KEY or OPENAI_API_KEY ' +
        '(any word where the endpoint wants no key)',
    )
    await expect(configureLive({}, {})).rejects.not.toThrow('--mock')
  })

  it.for([
    { env: { NANOAGENT_API_KEY: 'a', OPENAI_API_KEY: 'b' }, apiKey: 'a' },
    { env: { OPENAI_API_KEY: 'b' }, apiKey: 'b' },
    { env: { NANOAGENT_API_KEY: '', OPENAI_API_KEY: 'b' }, apiKey: 'b' },
    { env: { NANOAGENT_API_KEY: ' a\n' }, apiKey: 'a' },
  ])('takes the key $apiKey from $env', async ({ env, apiKey }) => {
    expect(await configure({}, env)).toMatchObject({ apiKey })
  })

  it.for([
    { flags: { model: 'flag' }, env: { NANOAGENT_MODEL: 'env' }, model: 'flag' },
    { flags: {}, env: { NANOAGENT_MODEL: 'env' }, model: 'env' },
    { flags: {}, env: { NANOAGENT_MODEL: '' }, model: 'gpt-4.1-mini' },
  ])('takes the model $model', async ({ flags, env, model }) => {
    expect(await configure(flags, { ...key, ...env })).toMatchObject({ model })
  })

  it('takes the base URL from the option, then from three variables in turn', async () => {
    const env: Record<string, string> = {
      ...key,
      NANOAGENT_API_BASE: 'http://1/v1',
      OPENAI_API_BASE: 'http://2/v1',
      OPENAI_BASE_URL: 'http://3/v1',
    }
    const found = [await configure({ baseUrl: 'http://0/v1' }, env)]
    for (const name of ['NANOAGENT_API_BASE', 'OPENAI_API_BASE', 'OPENAI_BASE_URL']) {
      found.push(await configure({}, env))
      delete env[name]
    }

    expect(found).toMatchObject(
      ['http://0/v1', 'http://1/v1', 'http://2/v1', 'http://3/v1'].map((baseUrl) => ({ baseUrl })),
    )
    expect(await configure({}, env)).not.toHaveProperty('baseUrl')
  })

  it('is mock where that was asked for, whatever else is set', async () => {
    const env = { ...key, NANOAGENT_API_BASE: 'nonsense' }

    expect(await configure({ mock: true }, env)).toEqual({ mode: 'mock', isImplied: false })
  })

  it('is mock where nothing was typed and there is no key', async () => {
    expect(await configure({}, {}, { isBare: true })).toEqual({ mode: 'mock', isImplied: true })
    expect(await configure({}, key, { isBare: true })).toMatchObject({ mode: 'live' })
  })

  it.for([
    { what: 'no key', flags: {}, env: {}, says: /NANOAGENT_API_KEY or OPENAI_API_KEY.*--mock/ },
    {
      what: 'an empty key',
      flags: {},
      env: { NANOAGENT_API_KEY: ' ' },
      says: /no API key is configured/,
    },
    {
      what: 'a torn key',
      flags: {},
      env: { OPENAI_API_KEY: 'sk-12 34' },
      says: /^OPENAI_API_KEY has a space/,
    },
    {
      what: 'a URL that is none, before it looks for a key',
      flags: { baseUrl: 'notaurl' },
      env: {},
      says: /^--base-url 'notaurl' is no http or https URL: write/,
    },
    {
      what: 'a bad URL with --mock too',
      flags: { mock: true as const, baseUrl: 'localhost:11434/v1' },
      env: {},
      says: /^--base-url 'localhost:11434\/v1' is no http or https URL/,
    },
    {
      what: 'the key as URL',
      flags: { baseUrl: 'sk-nano' },
      env: key,
      says: /^--base-url is no http or https URL/,
    },
    {
      what: 'another protocol',
      flags: {},
      env: { ...key, OPENAI_API_BASE: 'ftp://sk-1234' },
      says: /^OPENAI_API_BASE is no http or https URL/,
    },
    {
      what: 'a bad URL in the environment, before it looks for a key',
      flags: { model: 'm' },
      env: { OPENAI_API_BASE: 'ftp://sk-1234' },
      says: /^OPENAI_API_BASE is no http or https URL/,
    },
    {
      what: 'a port that is none',
      flags: { baseUrl: 'http://me:sk-1234@host:99999/v1?key=sk-1234' },
      env: key,
      says: /^--base-url 'http:\/\/host:99999\/v1' has a port that is none: write one from 1/,
    },
    {
      what: 'a fragment',
      flags: { baseUrl: 'http://h:1/v1?key=sk-1234#f' },
      env: key,
      says: /^--base-url http:\/\/h:1\/v1 has a fragment: leave out the '#'/,
    },
    {
      what: 'a password in the URL',
      flags: {},
      env: { ...key, OPENAI_BASE_URL: 'http://me:sk-1234@h/v1' },
      says: /^OPENAI_BASE_URL has a user name or password in it/,
    },
    { what: 'an empty model', flags: { model: ' ' }, env: key, says: /^--model is empty/ },
    { what: 'an empty URL', flags: { baseUrl: '' }, env: key, says: /^--base-url is empty/ },
  ])('refuses $what and quotes no secret', async ({ flags, env, says }) => {
    const wrong = configure(flags, env)

    await expect(wrong).rejects.toThrow(UsageError)
    await expect(wrong).rejects.toThrow(says)
    await expect(wrong).rejects.not.toThrow(/sk-|12 34|\n/)
  })
})
