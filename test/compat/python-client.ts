import type { PythonPackages } from '../support/python-environment.ts';

/** The newest release that still has `lightly.api`; 1.6 has not. */
const CLIENT_RELEASE = 'lightly==1.5.26';
/** What `lightly.api` needs of what the package requires: no torch, no torchvision, no pytorch_lightning. */
const REQUIREMENTS = [
  'certifi',
  'hydra-core',
  'lightly_utils',
  'numpy',
  'python_dateutil',
  'requests',
  'six',
  'tqdm',
  'urllib3',
  'pydantic',
  'aenum',
];

/** The real client. */
export const PYTHON_CLIENT: PythonPackages = {
  name: CLIENT_RELEASE,
  installations: [['--no-deps', CLIENT_RELEASE], REQUIREMENTS],
  module: 'lightly.api',
};
