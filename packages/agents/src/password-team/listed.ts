import { titleOf } from '@nanoagent/bus'

/** Roles as a person reads them: 'Tester, Security Auditor and UX Writer'. */
export function listed(roles: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(roles.map(titleOf))
}
