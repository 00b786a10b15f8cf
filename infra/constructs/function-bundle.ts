import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { Stage } from '#contracts/stages';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * pdfkit's build for Node that names the metrics of its fonts by plain `require`, so that they get into the bundle. The
 * one that Node itself loads looks for them beside its own file, where a bundle has none.
 */
const PDFKIT = join(PROJECT, 'node_modules/pdfkit/js/pdfkit.old.js');

/**
 * `functions/<stage>/handler.ts` with all that it imports as one CommonJS file: native packages of a layer are found
 * through NODE_PATH, which `import` ignores. The AWS SDK is part of it, so what was tested is what runs.
 *
 * esbuild is called in this process: NodejsFunction starts npx for each function, which takes four times as long.
 *
 * @param layerPackages what a layer brings; everything else must be in the bundle
 */
export function functionBundle(stage: Stage, layerPackages: readonly string[]): AssetCode {
  return Code.fromAsset(join(PROJECT, 'functions', stage), {
    // The bundle decides whether a function is deployed again, not which sources it was made from.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('none: esbuild runs in this process'),
      local: {
        tryBundle: (outputDirectory) => {
          bundle(stage, layerPackages, outputDirectory);
          return true;
        },
      },
    },
  });
}

function bundle(stage: Stage, layerPackages: readonly string[], outputDirectory: string): void {
  buildSync({
    absWorkingDir: PROJECT,
    entryPoints: [`functions/${stage}/handler.ts`],
    outfile: join(outputDirectory, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The ES modules of a package where it has both: only what is used of them gets into the bundle.
    mainFields: ['module', 'main'],
    external: [...layerPackages],
    // `import()` would not look at NODE_PATH either: it becomes a `require` that is made when it is come to.
    supported: { 'dynamic-import': false },
    alias: { pdfkit: PDFKIT },
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  // Without it, a package.json in a folder above could have Node read the bundle as an ES module.
  writeFileSync(join(outputDirectory, 'package.json'), '{"type":"commonjs"}\n');
}
