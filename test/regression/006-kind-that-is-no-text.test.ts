/** A body whose kind or apiVersion was an object with a member `toString` was a 500: the message about it failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConfig } from '../../src/core/api/apply/config.ts';
import { decodeObject } from '../../src/core/api/decode.ts';
import type { Kind } from '../../src/core/api/kind.ts';
import { Pod } from '../../src/core/api/kinds/index.ts';
import { deleteOptionsOf } from '../../src/core/apiserver/http/delete-options.ts';

const noText = { constructor: 1, toString: 'x' };
const message = (field: string) =>
  `couldn't get version/kind; json parse error: json: cannot unmarshal object into Go struct field .${field} of type string`;

test('it is a 400 that names the field', () => {
  for (const field of ['kind', 'apiVersion']) {
    const body = { kind: 'Pod', apiVersion: 'v1', [field]: noText };
    assert.throws(() => decodeObject(Pod, body, 'Warn'), { code: 400, message: message(field) });
    assert.throws(() => decodeConfig(Pod as unknown as Kind, body, { strict: false }), {
      code: 400,
      message: message(field),
    });
  }
  assert.throws(() => deleteOptionsOf({ kind: noText }), { code: 400, message: message('kind') });
});
