import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../cdk.json' with { type: 'json' };
import { readParameters } from './parameters.ts';
import { PipelineStack } from './pipeline-stack.ts';

// Only the CDK CLI hands the feature flags of cdk.json to the app; what runs it without the CLI must get the same
// template. Where both do, the CLI's values win.
const app = new App({ context: cdkJson.context });

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

// Another environment is another stack here, with its parameters as literals: they are then read in review.
new PipelineStack(app, 'Winnow', {
  description: 'Winnow: image curation. Drop images into a bucket, receive ready-to-label exports.',
  parameters: readParameters((name) => app.node.tryGetContext(name)),
});

app.synth();
