local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='inventory-sync',
  schedule='*/15 * * * *',
  image='inventory-sync:0.31.0',
  settings={
    warehouse: 'https://staging.warehouse.example',
    batch: '100',
  },
)
