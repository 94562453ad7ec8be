#!/bin/sh
# Written by: npm run --silent amc -- topics acls > infra/kafka/acls.sh
# What each principal of this system may do on a cluster that asks for rights
# (authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer). May be repeated.
#
#   BROKERS=kafka-1:9093 ADMIN_CONFIG=admin.properties sh infra/kafka/acls.sh
set -eu
acls() { kafka-acls.sh --bootstrap-server "$BROKERS" --command-config "$ADMIN_CONFIG" "$@"; }

acls --add --allow-principal User:amc-ingest \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-ingest \
  --operation Read \
  --topic ops.control.v1

acls --add --allow-principal User:amc-ingest \
  --operation Read \
  --operation Write \
  --topic market.corporate-action.v1 \
  --topic market.halt.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic short.fails-to-deliver.v1 \
  --topic market.news.v1 \
  --topic market.options.v1 \
  --topic market.price-tick.v1 \
  --topic ops.clock.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic portfolio.position.v1 \
  --topic ops.provider-answer.v1 \
  --topic market.corporate-action.v1.dlq \
  --topic market.halt.v1.dlq \
  --topic market.reference.v1.dlq \
  --topic short.interest.v1.dlq \
  --topic short.volume.v1.dlq \
  --topic short.fails-to-deliver.v1.dlq \
  --topic market.news.v1.dlq \
  --topic market.options.v1.dlq \
  --topic market.price-tick.v1.dlq \
  --topic ops.provider-call.v1.dlq \
  --topic ops.circuit-breaker.v1.dlq \
  --topic portfolio.position.v1.dlq \
  --topic ops.provider-answer.v1.dlq \
  --topic state.ingest-recordings

acls --add --allow-principal User:amc-ingest \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id ingest-recordings- \
  --transactional-id amc-ingest-

acls --add --allow-principal User:amc-ingest \
  --operation Read \
  --group amc.ingest

acls --add --allow-principal User:amc-scheduler \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-scheduler \
  --operation Read \
  --topic market.corporate-action.v1 \
  --topic market.halt.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic short.fails-to-deliver.v1 \
  --topic market.news.v1 \
  --topic market.options.v1 \
  --topic market.price-tick.v1 \
  --topic ops.control.v1

acls --add --allow-principal User:amc-scheduler \
  --operation Read \
  --operation Write \
  --topic ops.clock.v1 \
  --topic ops.job-tick.v1 \
  --topic ops.clock.v1.dlq \
  --topic ops.job-tick.v1.dlq \
  --topic state.scheduler

acls --add --allow-principal User:amc-scheduler \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id scheduler- \
  --transactional-id amc-scheduler-

acls --add --allow-principal User:amc-scheduler \
  --operation Read \
  --group amc.scheduler

acls --add --allow-principal User:amc-processor \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-processor \
  --operation Read \
  --topic market.corporate-action.v1 \
  --topic market.halt.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic short.fails-to-deliver.v1 \
  --topic market.news.v1 \
  --topic market.options.v1 \
  --topic market.price-tick.v1 \
  --topic ops.control.v1 \
  --topic ops.clock.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic portfolio.position.v1 \
  --topic ops.job-tick.v1 \
  --topic ops.job-run.v1 \
  --topic ops.alert-raised.v1 \
  --topic ops.hour-metric.v1

acls --add --allow-principal User:amc-processor \
  --operation Read \
  --operation Write \
  --topic signals.features.v1 \
  --topic signals.detection.v1 \
  --topic signals.verdict.v1 \
  --topic discovery.candidate.v1 \
  --topic ops.slot-closed.v1 \
  --topic discovery.run.v1 \
  --topic discovery.recommendation.v1 \
  --topic alerts.requested.v1 \
  --topic ops.stage-timing.v1 \
  --topic experiments.result.v1 \
  --topic short.quality.v1 \
  --topic ops.shadow-slot.v1 \
  --topic discovery.shadow-run.v1 \
  --topic signals.features.v1.dlq \
  --topic signals.detection.v1.dlq \
  --topic signals.verdict.v1.dlq \
  --topic discovery.candidate.v1.dlq \
  --topic ops.slot-closed.v1.dlq \
  --topic discovery.run.v1.dlq \
  --topic discovery.recommendation.v1.dlq \
  --topic alerts.requested.v1.dlq \
  --topic ops.stage-timing.v1.dlq \
  --topic experiments.result.v1.dlq \
  --topic short.quality.v1.dlq \
  --topic ops.shadow-slot.v1.dlq \
  --topic discovery.shadow-run.v1.dlq \
  --topic market.corporate-action.v1.dlq \
  --topic market.halt.v1.dlq \
  --topic market.reference.v1.dlq \
  --topic short.interest.v1.dlq \
  --topic short.volume.v1.dlq \
  --topic short.fails-to-deliver.v1.dlq \
  --topic market.news.v1.dlq \
  --topic market.options.v1.dlq \
  --topic market.price-tick.v1.dlq \
  --topic ops.control.v1.dlq \
  --topic ops.clock.v1.dlq \
  --topic ops.provider-call.v1.dlq \
  --topic ops.circuit-breaker.v1.dlq \
  --topic portfolio.position.v1.dlq \
  --topic ops.job-tick.v1.dlq \
  --topic ops.job-run.v1.dlq \
  --topic ops.alert-raised.v1.dlq \
  --topic ops.hour-metric.v1.dlq \
  --topic state.signals \
  --topic state.discovery \
  --topic state.alerts

acls --add --allow-principal User:amc-processor \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id signals- \
  --transactional-id discovery- \
  --transactional-id alerts- \
  --transactional-id amc-processor-

acls --add --allow-principal User:amc-processor \
  --operation Read \
  --group amc.processor

acls --add --allow-principal User:amc-projector \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-projector \
  --operation Read \
  --topic market.corporate-action.v1 \
  --topic market.halt.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic short.fails-to-deliver.v1 \
  --topic market.news.v1 \
  --topic market.options.v1 \
  --topic market.price-tick.v1 \
  --topic ops.control.v1 \
  --topic ops.clock.v1 \
  --topic signals.features.v1 \
  --topic signals.detection.v1 \
  --topic signals.verdict.v1 \
  --topic discovery.candidate.v1 \
  --topic ops.slot-closed.v1 \
  --topic discovery.run.v1 \
  --topic discovery.recommendation.v1 \
  --topic alerts.requested.v1 \
  --topic alerts.delivery.v1 \
  --topic ops.stage-timing.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic portfolio.position.v1 \
  --topic ops.job-tick.v1 \
  --topic experiments.result.v1 \
  --topic short.quality.v1 \
  --topic ops.shadow-slot.v1 \
  --topic discovery.shadow-run.v1

acls --add --allow-principal User:amc-projector \
  --operation Read \
  --operation Write \
  --topic ops.job-run.v1 \
  --topic ops.alert-raised.v1 \
  --topic ops.hour-metric.v1 \
  --topic ops.job-run.v1.dlq \
  --topic ops.alert-raised.v1.dlq \
  --topic ops.hour-metric.v1.dlq \
  --topic market.corporate-action.v1.dlq \
  --topic market.halt.v1.dlq \
  --topic market.reference.v1.dlq \
  --topic short.interest.v1.dlq \
  --topic short.volume.v1.dlq \
  --topic short.fails-to-deliver.v1.dlq \
  --topic market.news.v1.dlq \
  --topic market.options.v1.dlq \
  --topic market.price-tick.v1.dlq \
  --topic ops.control.v1.dlq \
  --topic ops.clock.v1.dlq \
  --topic signals.features.v1.dlq \
  --topic signals.detection.v1.dlq \
  --topic signals.verdict.v1.dlq \
  --topic discovery.candidate.v1.dlq \
  --topic ops.slot-closed.v1.dlq \
  --topic discovery.run.v1.dlq \
  --topic discovery.recommendation.v1.dlq \
  --topic alerts.requested.v1.dlq \
  --topic alerts.delivery.v1.dlq \
  --topic ops.stage-timing.v1.dlq \
  --topic ops.provider-call.v1.dlq \
  --topic ops.circuit-breaker.v1.dlq \
  --topic portfolio.position.v1.dlq \
  --topic ops.job-tick.v1.dlq \
  --topic experiments.result.v1.dlq \
  --topic short.quality.v1.dlq \
  --topic ops.shadow-slot.v1.dlq \
  --topic discovery.shadow-run.v1.dlq \
  --topic state.projector.discovery \
  --topic state.projector.features \
  --topic state.projector.signals \
  --topic state.projector.prices \
  --topic state.projector.calendar \
  --topic state.jobs.projector

acls --add --allow-principal User:amc-projector \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id projector.discovery- \
  --transactional-id projector.features- \
  --transactional-id projector.signals- \
  --transactional-id projector.prices- \
  --transactional-id projector.calendar- \
  --transactional-id jobs.projector- \
  --transactional-id amc-projector-

acls --add --allow-principal User:amc-projector \
  --operation Read \
  --group amc.projector

acls --add --allow-principal User:amc-query-api \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-query-api \
  --operation Read \
  --topic market.corporate-action.v1 \
  --topic market.halt.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic short.fails-to-deliver.v1 \
  --topic market.news.v1 \
  --topic market.options.v1 \
  --topic market.price-tick.v1 \
  --topic ops.clock.v1 \
  --topic signals.features.v1 \
  --topic signals.detection.v1 \
  --topic signals.verdict.v1 \
  --topic discovery.candidate.v1 \
  --topic ops.slot-closed.v1 \
  --topic discovery.run.v1 \
  --topic discovery.recommendation.v1 \
  --topic alerts.requested.v1 \
  --topic alerts.delivery.v1 \
  --topic ops.stage-timing.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic portfolio.position.v1 \
  --topic ops.job-tick.v1 \
  --topic experiments.result.v1 \
  --topic short.quality.v1 \
  --topic ops.job-run.v1 \
  --topic ops.alert-raised.v1 \
  --topic ops.hour-metric.v1 \
  --topic ops.shadow-slot.v1 \
  --topic discovery.shadow-run.v1 \
  --topic state.signals \
  --topic state.discovery \
  --topic state.alerts \
  --topic state.ingest-recordings \
  --topic state.scheduler \
  --topic state.projector.discovery \
  --topic state.projector.features \
  --topic state.projector.signals \
  --topic state.projector.prices \
  --topic state.projector.calendar \
  --topic state.jobs.projector \
  --topic state.alert-sender-console \
  --topic state.alert-sender-sms \
  --topic state.jobs.short-interest \
  --topic state.jobs.options \
  --topic state.live \
  --topic state.console-told \
  --topic state.dlq-redrive

acls --add --allow-principal User:amc-query-api \
  --operation Read \
  --operation Write \
  --topic ops.control.v1

acls --add --allow-principal User:amc-query-api \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id amc-api-

acls --add --allow-principal User:amc-query-api \
  --operation Read \
  --group amc.api

acls --add --allow-principal User:amc-alert-sender \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-alert-sender \
  --operation Read \
  --topic alerts.requested.v1 \
  --topic ops.clock.v1

acls --add --allow-principal User:amc-alert-sender \
  --operation Read \
  --operation Write \
  --topic alerts.delivery.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic alerts.delivery.v1.dlq \
  --topic alerts.requested.v1.dlq \
  --topic state.alert-sender-console \
  --topic state.alert-sender-sms

acls --add --allow-principal User:amc-alert-sender \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id alert-sender-console- \
  --transactional-id alert-sender-sms- \
  --transactional-id amc-alerts-

acls --add --allow-principal User:amc-alert-sender \
  --operation Read \
  --group amc.alerts

acls --add --allow-principal User:amc-short-interest \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-short-interest \
  --operation Read \
  --topic ops.job-tick.v1 \
  --topic market.price-tick.v1 \
  --topic ops.control.v1 \
  --topic ops.clock.v1 \
  --topic discovery.candidate.v1 \
  --topic discovery.recommendation.v1

acls --add --allow-principal User:amc-short-interest \
  --operation Read \
  --operation Write \
  --topic short.interest.v1 \
  --topic short.volume.v1 \
  --topic market.options.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic ops.job-run.v1 \
  --topic ops.provider-answer.v1 \
  --topic ops.alert-raised.v1 \
  --topic ops.hour-metric.v1 \
  --topic ops.job-run.v1.dlq \
  --topic ops.alert-raised.v1.dlq \
  --topic ops.hour-metric.v1.dlq \
  --topic ops.job-tick.v1.dlq \
  --topic state.jobs.short-interest \
  --topic state.jobs.options

acls --add --allow-principal User:amc-short-interest \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id jobs.short-interest- \
  --transactional-id jobs.options- \
  --transactional-id amc-short-interest-

acls --add --allow-principal User:amc-short-interest \
  --operation Read \
  --group amc.short-interest

acls --add --allow-principal User:amc-live \
  --operation Describe \
  --operation DescribeConfigs \
  --topic '*'

acls --add --allow-principal User:amc-live \
  --operation Read \
  --topic market.options.v1 \
  --topic ops.control.v1 \
  --topic ops.clock.v1

acls --add --allow-principal User:amc-live \
  --operation Read \
  --operation Write \
  --topic market.corporate-action.v1 \
  --topic market.reference.v1 \
  --topic short.interest.v1 \
  --topic market.news.v1 \
  --topic market.price-tick.v1 \
  --topic ops.provider-call.v1 \
  --topic ops.circuit-breaker.v1 \
  --topic ops.provider-answer.v1 \
  --topic state.live

acls --add --allow-principal User:amc-live \
  --operation Write \
  --resource-pattern-type prefixed \
  --transactional-id live- \
  --transactional-id amc-live-

acls --add --allow-principal User:amc-live \
  --operation Read \
  --group amc.live

acls --add --allow-principal User:amc-operator \
  --operation All \
  --topic '*'

acls --add --allow-principal User:amc-operator \
  --operation All \
  --group '*'

acls --add --allow-principal User:amc-operator \
  --operation All \
  --transactional-id '*'
