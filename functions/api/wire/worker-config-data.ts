import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { PROTOCOL_SCHEMAS } from '#contracts/protocol/operations';
import type {
  DockerWorkerConfigV0Data,
  DockerWorkerConfigV2Data,
  DockerWorkerConfigV3Data,
  DockerWorkerConfigVXData,
} from '#contracts/protocol/types.gen';
import type { WorkerConfig, WorkerConfigVersion } from '#contracts/worker-config';

/** Worker configs on the wire: in the version they were given in, or as far as an older version has words for them. */

const CONFIG_SCHEMAS = {
  V0: 'DockerWorkerConfig',
  V2: 'DockerWorkerConfigV2',
  V3: 'DockerWorkerConfigV3',
  V4: 'DockerWorkerConfigV4',
} as const satisfies Record<WorkerConfigVersion, string>;

export const configDataV0 = (config: WorkerConfig): DockerWorkerConfigV0Data => ({
  ...headOf(config),
  version: 'V0',
  ...documentsIn('V0', config),
});

export const configDataV2 = (config: WorkerConfig): DockerWorkerConfigV2Data =>
  ({ ...headOf(config), version: 'V2', ...documentsIn('V2', config) }) as DockerWorkerConfigV2Data;

export const configDataV3 = (config: WorkerConfig): DockerWorkerConfigV3Data =>
  ({ ...headOf(config), version: 'V3', ...documentsIn('V3', config) }) as DockerWorkerConfigV3Data;

/** In its own version. */
export const configDataVX = (config: WorkerConfig): DockerWorkerConfigVXData =>
  ({
    ...headOf(config),
    version: config.version,
    ...documentsIn(config.version, config),
  }) as DockerWorkerConfigVXData;

const headOf = ({ id, createdAt }: WorkerConfig) => ({ id, createdAt });

function documentsIn(version: WorkerConfigVersion, { document, originalDocument }: WorkerConfig) {
  return {
    config: documentIn(version, document),
    configOrig: documentIn(version, originalDocument ?? document),
  };
}

interface Config {
  readonly workerType: 'FULL';
  [part: string]: unknown;
}

/** A part of which the version has no words for what it says is left out as a whole. */
function documentIn(version: WorkerConfigVersion, document: string): Config {
  const config = JSON.parse(document) as Config;
  const validate = validatorOf(version);
  for (const part of ['selection', 'lightly', 'docker'] as const) {
    if (validate(config)) return config;
    if (validate.errors?.some(({ instancePath }) => instancePath.startsWith(`/${part}`))) delete config[part];
  }
  return config;
}

/** Takes out what the version does not know; compiled when it is needed for the first time. */
const ajv = new Ajv2020({ strict: false, discriminator: true, removeAdditional: true, allErrors: true });
ajv.addSchema({ $id: 'contract', components: { schemas: PROTOCOL_SCHEMAS } });
const validators = new Map<WorkerConfigVersion, ValidateFunction>();

function validatorOf(version: WorkerConfigVersion): ValidateFunction {
  const known = validators.get(version);
  if (known) return known;
  const validate = ajv.compile({ $ref: `contract#/components/schemas/${CONFIG_SCHEMAS[version]}` });
  validators.set(version, validate);
  return validate;
}
