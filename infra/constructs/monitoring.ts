import { Aws, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, OUTPUTS, STAGES, type Stage } from '#contracts/stages';

/** A function to watch. */
interface WatchedFunction {
  readonly function: IFunction;
}
/** A function that consumes a queue. */
interface WatchedWorker extends WatchedFunction {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
}

export interface MonitoringProps {
  /** Receives every alarm. @default the topic has no subscriber */
  readonly alarmEmail?: string | undefined;
}

/** What an alarm tells: its heading in docs/runbook.md is `<stage>: <title>`. */
interface AlarmKind {
  readonly title: string;
  readonly meaning: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
}
const DEAD_LETTERS: AlarmKind = {
  title: 'dead letters',
  meaning: 'Messages failed eight times and rest in the dead-letter queue.',
  threshold: 0,
  evaluationPeriods: 1,
};
const ERRORS: AlarmKind = {
  title: 'errors',
  meaning: 'The function fails as a whole: it crashes, times out or can not start.',
  threshold: 0,
  evaluationPeriods: 3,
};
const THROTTLES: AlarmKind = {
  title: 'throttles',
  meaning: 'The account has no concurrency left for the function.',
  threshold: 0,
  evaluationPeriods: 3,
};

const PERIOD = Duration.minutes(5);
/** A third of the dashboard: a row for each stage. */
const WIDGET_WIDTH = 8;

/** Alarms, the topic that they go to, and the one dashboard. */
export class Monitoring extends Construct {
  readonly #topic: Topic;
  readonly #dashboard: Dashboard;
  readonly #rows = new Map<Stage, IWidget[]>();

  constructor(scope: Construct, id: string, { alarmEmail }: MonitoringProps) {
    super(scope, id);
    this.#topic = new Topic(this, 'Alarms', { displayName: 'Winnow alarms', enforceSSL: true });
    Validations.of(this.#topic).acknowledge({
      id: 'AwsSolutions-SNS2',
      reason:
        'Alarms hold names of stages and counts; CloudWatch could not publish with the key that SNS manages.',
    });
    // The policy that enforces TLS takes the place of the one by which SNS lets the account's alarms publish.
    this.#topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ReceiveAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.#topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (alarmEmail) this.#topic.addSubscription(new EmailSubscription(alarmEmail));
    this.#dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(12) });
    this.#dashboard.addWidgets(
      new TextWidget({
        markdown: '# Winnow\nStages in flow order. What to do: docs/runbook.md',
        width: 24,
        height: 2,
      }),
    );
    new CfnOutput(this, 'DashboardUrl', { value: this.#dashboardUrl() }).overrideLogicalId(
      OUTPUTS.dashboardUrl,
    );
  }

  /** Alarms and graphs of a stage that consumes a queue. */
  watchWorker(
    stage: Stage,
    worker: WatchedWorker,
    { oldestMessage, outcomes }: { readonly oldestMessage: Duration; readonly outcomes: readonly string[] },
  ): void {
    const waiting = worker.queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD });
    const age = worker.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD });
    const deadLetters = worker.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD });
    this.#alarm(stage, DEAD_LETTERS, deadLetters);
    this.#alarm(stage, this.#oldMessages(oldestMessage), age);
    this.#watch(stage, worker, [waiting, deadLetters], outcomes);
  }

  /** Alarms and graphs of a stage without a queue. */
  watchFunction(stage: Stage, worker: WatchedFunction, outcomes: readonly string[] = []): void {
    this.#watch(stage, worker, [], outcomes);
  }

  /** Puts all watched stages on the dashboard, in flow order: whatever the order in which they were made. */
  drawDashboard(): void {
    for (const stage of STAGES) this.#dashboard.addWidgets(...(this.#rows.get(stage) ?? []));
  }

  /**
   * An alarm on what a stage counts itself: as soon as it happens.
   * @param evaluationPeriods how often in a row, in periods of five minutes. @default 1
   */
  alarmOnOutcome(
    stage: Stage,
    title: string,
    {
      outcome,
      meaning,
      evaluationPeriods = 1,
    }: { readonly outcome: string; readonly meaning: string; readonly evaluationPeriods?: number },
  ): void {
    this.#alarm(stage, { title, meaning, threshold: 0, evaluationPeriods }, outcomeMetric(stage, outcome));
  }

  #watch(
    stage: Stage,
    { function: lambda }: WatchedFunction,
    queueMetrics: IMetric[],
    outcomes: readonly string[],
  ): void {
    const errors = lambda.metricErrors({ period: PERIOD });
    this.#alarm(stage, ERRORS, errors);
    this.#alarm(stage, THROTTLES, lambda.metricThrottles({ period: PERIOD }));
    const work = [lambda.metricInvocations({ period: PERIOD }), errors, ...queueMetrics];
    const duration = lambda.metricDuration({ period: PERIOD, statistic: 'p95' });
    this.#rows.set(stage, [
      new GraphWidget({ title: `${stage}: work`, left: work, width: WIDGET_WIDTH }),
      new GraphWidget({ title: `${stage}: duration, 95 %`, left: [duration], width: WIDGET_WIDTH }),
      ...(outcomes.length > 0 ? [outcomeGraph(stage, outcomes)] : []),
    ]);
  }

  #oldMessages(age: Duration): AlarmKind {
    return {
      title: 'messages wait',
      meaning: `The oldest message is older than ${age.toHumanString()}: the stage does not keep up.`,
      threshold: age.toSeconds(),
      evaluationPeriods: 3,
    };
  }

  #alarm(stage: Stage, { title, meaning, threshold, evaluationPeriods }: AlarmKind, metric: Metric): void {
    const alarm = new Alarm(this, `${stage} ${title}`, {
      alarmDescription: `${meaning} What to do: docs/runbook.md, "${stage}: ${title}".`,
      metric,
      threshold,
      evaluationPeriods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }

  #dashboardUrl(): string {
    const { region, partition } = Stack.of(this);
    const console = partition === 'aws-cn' ? 'console.amazonaws.cn' : 'console.aws.amazon.com';
    return `https://${region}.${console}/cloudwatch/home?region=${region}#dashboards/dashboard/${this.#dashboard.dashboardName}`;
  }
}

/** As `layers/runtime/observability.ts` publishes it. */
function outcomeMetric(stage: Stage, metricName: string): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { stage },
    statistic: 'Sum',
    period: PERIOD,
  });
}

/** What a stage counts itself. */
function outcomeGraph(stage: Stage, outcomes: readonly string[]): GraphWidget {
  const left = outcomes.map((outcome) => outcomeMetric(stage, outcome));
  return new GraphWidget({ title: `${stage}: outcomes`, left, width: WIDGET_WIDTH });
}
