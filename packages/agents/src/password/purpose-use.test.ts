import { expect, test } from 'vitest'
import { readUse } from './purpose-use.ts'
import { readRequest } from './request.ts'

test.each([
  ['a Wi-Fi password', 'wifi', /^wi-fi$/i],
  ['a wifi password for guests', 'wifi', /^Wi-Fi, guests$/],
  ['a WPA2 passphrase for our router', 'wifi', /router/],
  ['Generate a secure banking password', 'banking', /banking/],
  ['Generate a highly secure password for my banking application', 'banking', /banking/],
  ['a password for PayPal', 'banking', /PayPal/],
  ['Generate a secure 16-character password for my email account', 'email', /email account/],
  ['a password for Gmail', 'email', /Gmail/],
  ['Generate a 24-character password for server admin', 'server', /server admin/],
  ['a root password for postgres', 'server', /postgres/],
  ['a 6-digit PIN', 'device', /general use/],
  ['a PIN for my phone', 'device', /phone/],
  ['a PIN for my bank card', 'card', /bank card/],
  ['a PIN for my bank', 'card', /bank/],
  ['a master password for Bitwarden', 'manager', /Bitwarden/],
  ['a passphrase to encrypt my backup', 'encryption', /backup/],
  ['a password for Netflix', 'account', /Netflix/],
  ['Generate a secure password', 'account', /general use/],
])('%s is for %s', (request, use, purpose) => {
  const plan = readRequest(request)
  expect(readUse(plan.purpose, request, plan.kind)).toEqual({
    use,
    purpose: expect.stringMatching(purpose),
  })
})
