import { regionNameOf } from '../regions.ts';
import { type DelegatedAccessRequest, LONGEST_SESSION_SECONDS } from './cloudformation-template.ts';
import { type EventRuleRequest, eventPattern, eventRolePolicy, eventRoleTrust } from './event-rule.ts';
import { policyOf, rolePolicy, trustStatement } from './role-policy.ts';

/**
 * What {@link cloudFormationTemplate} makes, for Terraform: to be put into a configuration that has a provider `aws`. Its
 * blocks are called by the name, so that those of several datasets can stand side by side.
 */
export function terraformConfiguration(request: DelegatedAccessRequest): string {
  const { role, accountId, externalId, name, events } = request;
  const { region } = role;
  const label = labelOf(name);
  const parts = [
    `# For a provider "aws" of the account and region (${regionNameOf(region)}) of the bucket.
resource "aws_iam_role" "${label}" {
  name                 = ${literal(name)}
  description          = "Winnow assumes this role to use a bucket."
  max_session_duration = ${LONGEST_SESSION_SECONDS}
  assume_role_policy   = jsonencode(${literal(policyOf([trustStatement({ region, accountId, externalId })]))})
}`,
    `resource "aws_iam_role_policy" "${label}" {
  name   = "Winnow"
  role   = aws_iam_role.${label}.id
  policy = jsonencode(${literal(policyOf(rolePolicy(role)))})
}`,
    ...(events ? eventParts(name, events) : []),
    `output "${label}_role_arn" {
  value = aws_iam_role.${label}.arn
}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function eventParts(name: string, { place, eventBusArn }: EventRuleRequest): string[] {
  const label = labelOf(name);
  const ruleArn = `aws_cloudwatch_event_rule.${label}.arn`;
  return [
    `resource "aws_cloudwatch_event_rule" "${label}" {
  name          = ${literal(name)}
  description   = "Tells Winnow which objects of a bucket come, change and go."
  event_pattern = jsonencode(${literal(eventPattern(place))})
}`,
    `resource "aws_iam_role" "${label}_events" {
  name               = ${literal(`${name}-events`)}
  description        = "EventBridge forwards events of a bucket to Winnow."
  assume_role_policy = jsonencode(${literal(eventRoleTrust(ruleArn)).replace(literal(ruleArn), ruleArn)})
}`,
    `resource "aws_iam_role_policy" "${label}_events" {
  name   = "Winnow"
  role   = aws_iam_role.${label}_events.id
  policy = jsonencode(${literal(eventRolePolicy(eventBusArn))})
}`,
    `resource "aws_cloudwatch_event_target" "${label}" {
  target_id = "Winnow"
  rule      = aws_cloudwatch_event_rule.${label}.name
  arn       = ${literal(eventBusArn)}
  role_arn  = aws_iam_role.${label}_events.arn
}`,
  ];
}

/** As identifiers are. */
const labelOf = (name: string): string => name.replaceAll('-', '_');

/** A value as an expression: JSON is one, but for the two marks of templates, which stand for themselves when doubled. */
const literal = (value: unknown): string =>
  JSON.stringify(value, undefined, 2)
    .replace(/[$%]\{/g, (mark) => mark[0] + mark)
    .replaceAll('\n', '\n  ');
