import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT, type Stage } from '#contracts/stages';
import type { Access } from './access.ts';
import { functionBundle } from './function-bundle.ts';

export interface ServiceFunctionProps {
  readonly stage: Stage;
  /** MiB. 1,769 of them are one processor; accounts that are new can't have more than 3,008. */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly description: string;
  /** Everything that the function may use, which is also everything that it knows of. @default nothing */
  readonly access?: readonly Access[];
  /** Native packages, which the bundle leaves out. @default none */
  readonly layers?: readonly { readonly layer: ILayerVersion; readonly packages: readonly string[] }[];
}

/** The Lambda function of a stage: `functions/<stage>/handler.ts`, with its own role and log group. */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = roleWritingTo(this, logGroup);
    const { stage, layers = [] } = props;
    this.function = new LambdaFunction(this, 'Function', {
      code: functionBundle(
        stage,
        layers.flatMap(({ packages }) => packages),
      ),
      handler: 'index.handler',
      layers: layers.map(({ layer }) => layer),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      tracing: Tracing.ACTIVE,
      role: this.#role,
      logGroup,
      environment: {
        [ENVIRONMENT.stage]: stage,
        // Stack traces name the lines of the sources.
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    for (const access of props.access ?? []) this.allow(access);
  }

  /** Lets the function use a resource and tells it where the resource is. */
  allow({ environment = {}, statements, acknowledgements = [] }: Access): void {
    for (const [name, value] of Object.entries(environment)) this.function.addEnvironment(name, value);
    for (const statement of statements) this.#role.addToPrincipalPolicy(statement);
    for (const acknowledgement of acknowledgements) Validations.of(this.#role).acknowledge(acknowledgement);
  }
}

/** A role that may write its own log group and nothing else yet. Active tracing adds the sending of traces. */
function roleWritingTo(scope: Construct, logGroup: LogGroup): Role {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray knows no resources: sending traces can only be granted on all of them.',
  });
  return role;
}
