import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerImage } from 'aws-cdk-lib';
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

const SOURCE = fileURLToPath(new URL('../../layers/sharp', import.meta.url));

/** sharp with its libraries for Lambda: Linux on arm64. Installed by npm, on any machine and without Docker. */
export class SharpLayer extends Construct {
  readonly layer: LayerVersion;
  readonly packages = ['sharp'] as const;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.layer = new LayerVersion(this, 'Layer', {
      description: 'sharp and libvips',
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
      code: Code.fromAsset(SOURCE, {
        bundling: {
          image: DockerImage.fromRegistry('none: npm installs the packages'),
          local: { tryBundle: (outputDirectory) => installPackages(outputDirectory) },
        },
      }),
    });
  }
}

/** Puts `nodejs/node_modules`, where Lambda looks for it, into the directory. */
function installPackages(outputDirectory: string): true {
  const target = join(outputDirectory, 'nodejs');
  mkdirSync(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(SOURCE, file), join(target, file));
  const platform = ['--os=linux', '--cpu=arm64', '--libc=glibc'];
  try {
    execFileSync(
      'npm',
      [
        'ci',
        ...platform,
        '--ignore-scripts',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ],
      {
        cwd: target,
        stdio: ['ignore', 'ignore', 'pipe'],
        // Node 24 of node_modules comes first on PATH; npm is the machine's own.
        env: process.env,
      },
    );
  } catch (cause) {
    throw new Error('The sharp layer could not be installed: `npm ci` needs the npm registry once.', {
      cause,
    });
  }
  return true;
}
