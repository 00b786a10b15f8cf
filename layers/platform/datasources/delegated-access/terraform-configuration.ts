import { type DelegatedAccessRequest, LONGEST_SESSION_SECONDS } from './cloudformation-template.ts';
import { type EventRuleRequest, eventPattern, eventRolePolicy, eventRoleTrust } from './event-rule.ts';
import { policyOf, rolePolicy, trustStatement } from './role-policy.ts';

/** What {@link cloudFormationTemplate} makes, for Terraform: to be put into a configuration that has a provider `aws`. */
export function terraformConfiguration(request: DelegatedAccessRequest): string {
  const { role, accountId, externalId, name, events } = request;
  const { region } = role;
  const parts = [
    `resource "aws_iam_role" "winnow" {
  name                 = ${literal(name)}
  description          = "Winnow assumes this role to use a bucket."
  max_session_duration = ${LONGEST_SESSION_SECONDS}
  assume_role_policy   = jsonencode(${literal(policyOf([trustStatement({ region, accountId, externalId })]))})
}`,
    `resource "aws_iam_role_policy" "winnow" {
  name   = "Winnow"
  role   = aws_iam_role.winnow.id
  policy = jsonencode(${literal(policyOf(rolePolicy(role)))})
}`,
    ...(events ? eventParts(name, events) : []),
    `output "winnow_role_arn" {
  value = aws_iam_role.winnow.arn
}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

const eventParts = (name: string, { place, eventBusArn }: EventRuleRequest): string[] => [
  `resource "aws_cloudwatch_event_rule" "winnow" {
  name          = ${literal(name)}
  description   = "Tells Winnow which objects of a bucket come, change and go."
  event_pattern = jsonencode(${literal(eventPattern(place))})
}`,
  `resource "aws_iam_role" "winnow_events" {
  name               = ${literal(`${name}-events`)}
  description        = "EventBridge forwards events of a bucket to Winnow."
  assume_role_policy = jsonencode(${literal(eventRoleTrust(RULE_ARN)).replace(literal(RULE_ARN), RULE_ARN)})
}`,
  `resource "aws_iam_role_policy" "winnow_events" {
  name   = "Winnow"
  role   = aws_iam_role.winnow_events.id
  policy = jsonencode(${literal(eventRolePolicy(eventBusArn))})
}`,
  `resource "aws_cloudwatch_event_target" "winnow" {
  target_id = "Winnow"
  rule      = aws_cloudwatch_event_rule.winnow.name
  arn       = ${literal(eventBusArn)}
  role_arn  = aws_iam_role.winnow_events.arn
}`,
];

const RULE_ARN = 'aws_cloudwatch_event_rule.winnow.arn';

/** A value as an expression: JSON is one, but for the two marks of templates, which stand for themselves when doubled. */
const literal = (value: unknown): string =>
  JSON.stringify(value, undefined, 2)
    .replace(/[$%]\{/g, (mark) => mark[0] + mark)
    .replaceAll('\n', '\n  ');
