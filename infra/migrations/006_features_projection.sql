-- Schema: read_model
-- Features became a projection of their own, so that they are visible before the bulk of a slot.
-- What the signals projection had read of them need not be read again.

-- Up Migration
UPDATE projection_positions AS moved SET projection = 'features'
WHERE projection = 'signals' AND topic = 'signals.features.v1'
  AND NOT EXISTS (
    SELECT FROM projection_positions AS there
    WHERE there.projection = 'features' AND there.topic = moved.topic
      AND there.partition = moved.partition
  );
UPDATE dead_letters SET projection = 'features'
WHERE projection = 'signals' AND topic = 'signals.features.v1';

-- Down Migration
UPDATE projection_positions AS moved SET projection = 'signals'
WHERE projection = 'features'
  AND NOT EXISTS (
    SELECT FROM projection_positions AS there
    WHERE there.projection = 'signals' AND there.topic = moved.topic
      AND there.partition = moved.partition
  );
UPDATE dead_letters SET projection = 'signals' WHERE projection = 'features';
