import { Stack, Validations } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** The id under which CDK puts the one function of a stack that configures notifications of existing buckets. */
const HANDLER = 'BucketNotificationsHandler050a0587b7544547bf325f094a3db834';

/** cdk-nag findings on the function that CDK brings along to merge notifications into an existing bucket. */
export function acknowledgeBucketNotificationsHandler(bucket: IBucket): void {
  const handler = Stack.of(bucket).node.findChild(HANDLER);
  Validations.of(handler).acknowledge(
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: "CDK's own handler: its role can't be replaced, and it only writes its log.",
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        "CDK's own handler: it reads and writes the notifications of buckets, which it learns at deployment.",
    },
    { id: 'AwsSolutions-L1', reason: "CDK's own handler: its runtime comes with the version of CDK." },
  );
}
