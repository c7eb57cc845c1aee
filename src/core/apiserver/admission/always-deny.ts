/** Every write of users and components is refused; statuses are still reported. */
import { forbidden } from '../../api/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  admit({ kind, name }) {
    throw forbidden(kind, name, 'admission control is denying all modifications');
  },
};
