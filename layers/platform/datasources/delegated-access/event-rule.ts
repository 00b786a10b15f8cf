import type { BucketPrefix } from '#contracts/items';
import { OBJECT_EVENT_TYPES } from '#contracts/object-event';

/** What forwards the events of a bucket to Winnow's bus, in an account of its owner. */
export interface EventRuleRequest {
  /** The bucket itself, also where an access point leads to it. */
  readonly place: BucketPrefix;
  readonly eventBusArn: string;
}

/**
 * The events of a place, as a rule of EventBridge selects them. A prefix ends before what is not in Latin-1, for Terraform
 * composes what is decomposed, and would select nothing: events of more objects are left out when they come.
 */
export function eventPattern({ bucket, prefix: whole }: BucketPrefix) {
  const [prefix = ''] = /^[\t\n\r\u0020-\u00ff]*/.exec(whole) ?? [];
  return {
    source: ['aws.s3'],
    'detail-type': [...OBJECT_EVENT_TYPES],
    detail: {
      bucket: { name: [bucket] },
      ...(prefix !== '' && { object: { key: [{ prefix }] } }),
    },
  };
}

/** The role that EventBridge takes on to put events on another bus: only for that one rule. @param ruleArn ARN */
export const eventRoleTrust = (ruleArn: unknown) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'EventBridgeForwardsEvents',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  ],
});

export const eventRolePolicy = (eventBusArn: string) => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'SendEventsToWinnow', Effect: 'Allow', Action: 'events:PutEvents', Resource: eventBusArn },
  ],
});
