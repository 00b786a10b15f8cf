import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../cdk.json' with { type: 'json' };

/** An app that does not synthesize while cdk-nag has a finding that nobody has acknowledged with a reason. */
export function checkedApp(): App {
  // Only the CDK CLI hands the feature flags of cdk.json to the app; what runs it without the CLI must get the same
  // template. Where both do, the CLI's values win.
  const app = new App({ context: cdkJson.context });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
