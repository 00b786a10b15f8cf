import { type EventRuleRequest, eventPattern, eventRolePolicy, eventRoleTrust } from './event-rule.ts';
import { policyOf, type RolePolicyRequest, rolePolicy, trustStatement } from './role-policy.ts';

/** What the owner of a bucket has to make, to lend it to one dataset. */
export interface DelegatedAccessRequest {
  readonly role: RolePolicyRequest;
  /** The account in which Winnow is. */
  readonly accountId: string;
  readonly externalId: string;
  /** Letters, digits and dashes, by which its parts are called. */
  readonly name: string;
  /** Absent where the bucket's events are not forwarded by a rule. */
  readonly events?: EventRuleRequest | undefined;
}

/** Sessions last an hour; longer ones are nobody's need. */
export const LONGEST_SESSION_SECONDS = 3_600;

/** A template of CloudFormation with the role, and the rule that forwards events where they are asked for. */
export function cloudFormationTemplate({
  role,
  accountId,
  externalId,
  name,
  events,
}: DelegatedAccessRequest) {
  const { purpose, place, region } = role;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Lends ${place.bucket}/${place.prefix} to Winnow (${purpose}) and to nobody else.`,
    Resources: {
      WinnowRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Description: 'Winnow assumes this role to use a bucket.',
          MaxSessionDuration: LONGEST_SESSION_SECONDS,
          AssumeRolePolicyDocument: policyOf([trustStatement({ region, accountId, externalId })]),
          Policies: [{ PolicyName: 'Winnow', PolicyDocument: policyOf(rolePolicy(role)) }],
        },
      },
      ...(events && eventResources(name, events)),
    },
    Outputs: {
      RoleArn: {
        Description: 'For winnow datasources connect --role-arn',
        Value: { 'Fn::GetAtt': ['WinnowRole', 'Arn'] },
      },
    },
  };
}

function eventResources(name: string, { place, eventBusArn }: EventRuleRequest) {
  // By its name, because role and rule can't both wait for each other.
  const ruleArn = {
    'Fn::Sub': `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${name}`,
  };
  return {
    WinnowEventRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Description: 'EventBridge forwards events of a bucket to Winnow.',
        AssumeRolePolicyDocument: eventRoleTrust(ruleArn),
        Policies: [{ PolicyName: 'Winnow', PolicyDocument: eventRolePolicy(eventBusArn) }],
      },
    },
    WinnowEventRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: name,
        Description: 'Tells Winnow which objects of a bucket come, change and go.',
        EventPattern: eventPattern(place),
        Targets: [{ Id: 'Winnow', Arn: eventBusArn, RoleArn: { 'Fn::GetAtt': ['WinnowEventRole', 'Arn'] } }],
      },
    },
  };
}
