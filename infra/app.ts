import { checkedApp } from './checked-app.ts';
import { readParameters } from './parameters.ts';
import { PipelineStack } from './pipeline-stack.ts';

const app = checkedApp();

// Another environment is another stack here, with its parameters as literals: they are then read in review.
new PipelineStack(app, 'Winnow', {
  description: 'Winnow: image curation. Drop images into a bucket, receive ready-to-label exports.',
  parameters: readParameters((name) => app.node.tryGetContext(name)),
});

app.synth();
