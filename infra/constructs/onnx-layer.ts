import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

const PACKAGES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const RUNTIME = 'onnxruntime-node';
const MACHINE = { os: ['linux'], cpu: ['arm64'] };

/** What the runtime needs when it runs; the rest of 290 MB is for other machines and for its installation. */
const COPIED = [
  `${RUNTIME}/dist`,
  `${RUNTIME}/bin/napi-v6/linux/arm64`,
  'onnxruntime-common/package.json',
  'onnxruntime-common/dist/cjs',
];

/**
 * The runtime of learned embedding models for Lambda. Its npm package holds the binaries of all machines, so the
 * layer is a copy out of this project's `node_modules`, of the version that the tests run with.
 */
export class OnnxLayer extends Construct {
  readonly layer: LayerVersion;
  readonly packages = [RUNTIME] as const;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.layer = new LayerVersion(this, 'Layer', {
      description: 'ONNX Runtime',
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
      code: Code.fromAsset(join(PACKAGES, RUNTIME), {
        assetHashType: AssetHashType.OUTPUT,
        bundling: {
          image: DockerImage.fromRegistry('none: files are copied'),
          local: { tryBundle: (outputDirectory) => copyRuntime(outputDirectory) },
        },
      }),
    });
  }
}

function copyRuntime(outputDirectory: string): true {
  const target = join(outputDirectory, 'nodejs', 'node_modules');
  for (const path of COPIED) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(PACKAGES, path), join(target, path), { recursive: true, dereference: true });
  }
  const manifest = join(RUNTIME, 'package.json');
  const { name, version, license, main } = JSON.parse(readFileSync(join(PACKAGES, manifest), 'utf8'));
  // What is left of the package runs on one kind of machine only, and says so.
  writeFileSync(join(target, manifest), JSON.stringify({ name, version, license, main, ...MACHINE }));
  return true;
}
