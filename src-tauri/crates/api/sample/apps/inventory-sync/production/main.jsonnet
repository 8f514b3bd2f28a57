local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='inventory-sync',
  schedule='*/5 * * * *',
  image='inventory-sync:0.31.0',
  settings={
    warehouse: 'https://production.warehouse.example',
    batch: '500',
  },
)
